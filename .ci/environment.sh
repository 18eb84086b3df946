# Shared by ./demo and ./check: what a bare Debian 12 or Ubuntu 24.04 lacks, and the environment.

export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=

# What the running system needs: Python, and the shaping libraries of the PDF renderer.
# (Without harfbuzz-subset, fonts are subset in Python: many times slower, and silently.)
RUN_PACKAGES="python3 python3-venv ca-certificates libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"

say() { printf '%s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# need_packages NAME…: install those that are missing; says nothing when none is.
need_packages() {
  local missing=() name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "不足しているパッケージを入れます: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
}

# make_environment FILE…: .venv with exactly the hashed requirements; again only when they change.
# Each file has its own stamp, so that ./demo and ./check do not undo each other's.
make_environment() {
  local file missing=
  for file in "$@"; do
    [ "$(cat ".venv/$file.sha256" 2>/dev/null)" = "$(sha256sum <"$file")" ] || missing=1
  done
  [ -z "$missing" ] && return
  say "Python の環境を作ります（初回は1〜2分）"
  [ -x .venv/bin/python ] || python3 -m venv .venv
  local arguments=()
  for file in "$@"; do arguments+=(-r "$file"); done
  .venv/bin/python -m pip install --quiet --require-hashes "${arguments[@]}"
  for file in "$@"; do sha256sum <"$file" >".venv/$file.sha256"; done
}

# compile_translations: .po -> .mo, only where the .po is newer.
compile_translations() {
  local po
  for po in participation/translations/*/LC_MESSAGES/*.po; do
    [ "${po%.po}.mo" -nt "$po" ] || .venv/bin/pybabel --quiet compile -i "$po" -o "${po%.po}.mo"
  done
}
