#!/bin/bash
# `make containers`: build the image, bring docker-compose.yml up for real, walk both procedures in a browser, and take it all down.
#
# With a Docker engine that answers, that one is used. Without, the recipe in PREAU_ENGINE (default: ../shared/containers, beside the
# working copy) installs an engine and builds stand-ins of the base images; what they prove is the logic of our two files, not the
# contents of the official images. With neither, this fails and says so.
set -euo pipefail
cd "$(dirname "$0")/../.."
repository=$PWD
recipe=${PREAU_ENGINE:-$repository/../shared/containers}
python=$repository/.venv/bin/python
base=python:3.13-slim
export COMPOSE_PROJECT_NAME=preau-containers COMPOSE_ARGS="-p preau-containers"

in_stack() { "$@"; } # the recipe's own goes into the stack's network
build_files=(-f docker-compose.yml)
prepare_engine() { :; }
begin_stack() { :; }
finish() { docker compose down --volumes --timeout 15 > /dev/null 2>&1 || true; }

if docker info > /dev/null 2>&1; then
  echo "== the Docker engine of this machine"
elif [ -f "$recipe/engine.sh" ]; then
  echo "== no Docker engine answers: one is installed as $recipe says, with stand-ins of the base images"
  STANDINS=$(mktemp -d)
  cp "$recipe"/standins/* "$STANDINS"
  # shellcheck source=/dev/null
  . "$recipe/engine.sh"
  build_files+=(-f tests/containers/host-network.yml)
  prepare_engine() { install_engine; engine_up build; standins python=$base postgres=postgres:17; }
  begin_stack() { engine_up run; }
  finish() { cleanup; rm -rf "$STANDINS"; }
else
  echo "make containers needs a Docker engine: none answers (docker info), and there is no recipe in $recipe." >&2
  exit 1
fi

say_logs() {
  status=$?
  [ "$status" = 0 ] || { docker compose ps --all; docker compose logs --no-color --tail 40; } 2>&1 || true
  finish
  exit "$status"
}
trap say_logs EXIT

began=$(date +%s)
prepare_engine
echo "== compose file"
docker compose config --quiet
echo "== build"
docker compose "${build_files[@]}" build --quiet
size() { docker image inspect --format '{{.Size}}' "$1"; }
over=$(( ($(size preau) - $(size $base)) / 1000000 ))
echo "the image is $over MB over its base"
[ "$over" -le 150 ] || { echo "more than 150 MB" >&2; exit 1; }

echo "== up"
begin_stack
up=$(date +%s%N)
docker compose up --detach --no-build --wait --wait-timeout 180 > /dev/null 2>&1
echo "healthy after $(( ($(date +%s%N) - up) / 100000000 )) tenths of a second"

echo "== both procedures, in a browser"
in_stack "$python" -m pytest -q -p no:cacheprovider tests/containers
echo "== done in $(( $(date +%s) - began )) s"
