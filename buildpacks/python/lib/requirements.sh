# shellcheck shell=bash disable=SC2034,SC2154
# Installs the packages of the app's lock file or requirements.txt in a virtual environment. pip installs them whichever
# tool wrote the lock file, because that has versions and digests already, and pip can use any mirror.
# Sets: lock_file, sources (all files that decide what is installed), local_dependencies (whether some are in the app).

choose_manager() {
  local found=() file
  for file in uv.lock poetry.lock Pipfile.lock; do
    if [[ -f $file ]]; then found+=("$file"); fi
  done
  [[ ${#found[@]} -le 1 ]] || give_up "There are several lock files (${found[*]}): delete all but the one that is kept up to date."
  lock_file=${found[0]:-}
  if [[ -z $lock_file && -f Pipfile ]]; then give_up 'There is a Pipfile, but no Pipfile.lock: run "pipenv lock" and commit what it writes.'; fi
  if [[ -z $lock_file && -f requirements.txt ]]; then lock_file=requirements.txt; fi
  if [[ -z $lock_file && -f setup.py ]]; then lock_file=setup.py; fi
  lock_file=${lock_file:-pyproject.toml}
  mapfile -t sources < <(find . -path ./node_modules -prune -o -maxdepth 2 \( -name '*requirements*.txt' -o -name '*constraints*.txt' -o -path './requirements/*.txt' \) -print | sort)
  sources+=(uv.lock poetry.lock Pipfile.lock Pipfile pyproject.toml setup.py setup.cfg)
  local_dependencies=false
  case $lock_file in
    requirements.txt) if grep -qE '^[[:space:]]*(-e|--editable|file:|\.)' "${sources[@]}" 2> /dev/null; then local_dependencies=true; fi ;;
    setup.py | pyproject.toml) local_dependencies=true ;;
    *) if grep -qE 'directory = "|type = "directory"|"path": ' "$lock_file"; then local_dependencies=true; fi ;;
  esac
}

dependencies_digest() {
  {
    echo "$packages_key ${STACK:-}"
    env | grep -E '^(PIP|UV)_' | sort || true
    digest_of "${sources[@]}"
  } | digest
}

provide_dependencies() {
  if [[ $local_dependencies == false && $(cat "$cache_dir/python/installed" 2> /dev/null) == "$dependencies_key" ]]; then
    header 'Dependencies unchanged: taken from the cache'
    return
  fi
  header 'Installing dependencies'
  rm -rf "$cache_dir"/python/{venv,installed}
  "$python" -m venv --without-pip "$cache_dir/python/venv"
  rm "$venv"/bin/*ctivate*
  use_index
  install_dependencies
  echo "$dependencies_key" > "$cache_dir/python/installed"
  if [[ $(du -sm "$PIP_CACHE_DIR" | cut -f 1) -gt 1024 ]]; then rm -rf "$PIP_CACHE_DIR"; fi
}

# PIP_INDEX_URL is pip's own setting; without it, uv's is used. An index without TLS is trusted if it is set explicitly.
use_index() {
  export PIP_CACHE_DIR=$cache_dir/python/pip PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore PIP_PROGRESS_BAR=off
  mkdir -p "$PIP_CACHE_DIR"
  export PIP_INDEX_URL=${PIP_INDEX_URL:-${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-}}}
  if [[ -z $PIP_INDEX_URL ]]; then unset PIP_INDEX_URL
  elif [[ $PIP_INDEX_URL =~ ^http://([^/@]*@)?([^/:]+) ]]; then export PIP_TRUSTED_HOST="${PIP_TRUSTED_HOST:-} ${BASH_REMATCH[2]}"; fi
}

install_dependencies() {
  local locked=$cache_dir/python/requirements.txt
  case $lock_file in
    requirements.txt) pip_install -r requirements.txt ;;
    setup.py | pyproject.toml) pip_install . ;;
    *)
      PYTHONPATH=$pip_wheel "$python" "$here/lib/locked.py" "$lock_file" > "$locked" || exit 1
      # pip checks either all digests or none, so packages without one (from Git or the app) are installed in a second run.
      grep -E '^--extra-index-url| --hash=' "$locked" > "$locked.hashed" || true
      grep -vE ' --hash=' "$locked" > "$locked.others" || true
      pip_install --no-deps -r "$locked.hashed"
      if grep -qvE '^(--extra-index-url.*)?$' "$locked.others"; then pip_install --no-deps -r "$locked.others"; fi
      ;;
  esac
}

pip_install() {
  note "pip install $*"
  attempt explain_pip "$venv/bin/python" "$pip_wheel/pip" --quiet --retries 2 install "$@"
}
