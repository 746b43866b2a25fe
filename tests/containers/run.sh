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
PATH=$PATH:/usr/sbin:/sbin # iptables, which an engine asks for, is not in everybody's path
export COMPOSE_PROJECT_NAME=preau-containers COMPOSE_ARGS="-p preau-containers --profile scale"

in_stack() { "$@"; } # the recipe's own goes into the stack's network
build_files=(-f docker-compose.yml)
prepare_engine() { :; }
begin_stack() { :; }
finish() { docker compose --profile scale down --volumes --timeout 15 > /dev/null 2>&1 || true; }

if docker info > /dev/null 2>&1; then
  echo "== the Docker engine of this machine"
elif [ -f "$recipe/engine.sh" ]; then
  echo "== no Docker engine answers: one is installed as $recipe says, with stand-ins of the base images"
  STANDINS=$(mktemp -d)
  cp "$recipe"/standins/* "$STANDINS"
  # shellcheck source=/dev/null
  . "$recipe/engine.sh"
  build_files+=(-f tests/containers/host-network.yml)
  prepare_engine() { install_engine; engine_up build; standins python=$base postgres=postgres:17 nginx=nginx:1.27; }
  begin_stack() { engine_up run; }
  finish() { cleanup; rm -rf "$STANDINS"; }
else
  echo "make containers needs a Docker engine: none answers (docker info), and there is no recipe in $recipe." >&2
  exit 1
fi

up() { # [service]: bring it up with what it needs, and say something only where that fails
  local profile=() said
  [ $# = 0 ] || profile=(--profile scale)
  said=$(docker compose "${profile[@]}" up --detach --no-build --wait --wait-timeout 180 "$@" 2>&1) || { echo "$said" >&2; return 1; }
}

say_logs() {
  status=$?
  [ "$status" = 0 ] || { docker compose --profile scale ps --all; docker compose --profile scale logs --no-color --tail 40; } 2>&1 || true
  finish
  exit "$status"
}
trap say_logs EXIT

began=$(date +%s)
prepare_engine
echo "== compose file"
docker compose --profile scale config --quiet
echo "== build"
docker compose "${build_files[@]}" build --quiet
size() { docker image inspect --format '{{.Size}}' "$1"; }
over=$(( ($(size preau) - $(size $base)) / 1000000 ))
echo "the image is $over MB over its base"
[ "$over" -le 150 ] || { echo "more than 150 MB" >&2; exit 1; }

echo "== up"
begin_stack
up=$(date +%s%N)
up
echo "healthy after $(( ($(date +%s%N) - up) / 100000000 )) tenths of a second"

echo "== both procedures, in a browser"
in_stack "$python" -m pytest -q -p no:cacheprovider tests/containers/test_compose.py

echo "== two providers behind a proxy"
docker compose stop --timeout 15 idp > /dev/null 2>&1
up proxy
in_stack "$python" -m pytest -q -p no:cacheprovider tests/containers/test_scale.py
echo "== done in $(( $(date +%s) - began )) s"
