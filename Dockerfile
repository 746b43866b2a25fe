# One image for the three programs: `preau serve`, `preau franceconnect-simulator` and `python -m ent_client`.
# docs/how-to/run-in-containers.md

FROM python:3.13-slim AS build
# Wheels only, each with its hash, as everywhere: nothing is compiled, nothing is taken that no lock names.
# What sets the handout goes again: it weighs more than half of the rest, and the handout is made at a desk, by no server.
COPY requirements.lock /src/
RUN python3 -m venv --without-pip /opt/preau \
 && python3 -m pip --python /opt/preau/bin/python install --quiet --no-cache-dir --disable-pip-version-check \
      --require-hashes --only-binary :all: -r /src/requirements.lock \
 && python3 -m pip --python /opt/preau/bin/python uninstall --quiet --disable-pip-version-check --yes typst segno
COPY idp /opt/preau/app/idp
COPY franceconnect_bridge /opt/preau/app/franceconnect_bridge
COPY ent_client /opt/preau/app/ent_client
COPY migrations /opt/preau/app/migrations
COPY LICENSE /opt/preau/
# The packages are used where they are, as in a working copy; their bytecode is written now, because the root will be read-only.
RUN site=$(/opt/preau/bin/python -c 'import site; print(site.getsitepackages()[0])') \
 && echo /opt/preau/app > "$site/preau.pth" \
 && printf '#!/opt/preau/bin/python\nfrom idp.cli import run\n\nrun()\n' > /opt/preau/bin/preau \
 && chmod 755 /opt/preau/bin/preau \
 && /opt/preau/bin/python -m compileall -q /opt/preau/app \
 && mkdir -p /data/school

FROM python:3.13-slim
# A number that no account of the host has, rather than a name: Kubernetes' runAsNonRoot wants a number.
COPY --from=build --chown=10001:10001 /data /data
COPY --from=build /opt/preau /opt/preau
ENV PATH=/opt/preau/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PREAU_LISTEN=0.0.0.0:8400
USER 10001:10001
# Where `var/…` of the settings lies: the master key, and the database of who chooses SQLite.
WORKDIR /data
EXPOSE 8400
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["preau", "health"]
CMD ["preau", "serve"]
