# shellcheck shell=bash disable=SC2034,SC2154
# Shared by the bundled buildpacks. Expects build_dir, cache_dir, env_dir, and the buildpack's folder in $here.

header() {
  echo "-----> $*"
}

note() {
  echo "       $*"
}

# Runs a command with its output indented under the current header.
indented() {
  "$@" 2>&1 | sed -u 's/^/       /'
}

announced() {
  note "$*"
  indented "$@" < /dev/null
}

give_up() {
  echo " !     $*" >&2
  exit 1
}

# attempt EXPLAIN COMMAND...: if the command fails, calls EXPLAIN with a file of its output, to fail with the reason.
attempt() {
  local explain=$1 log
  shift
  log=$(mktemp)
  if "$@" 2>&1 < /dev/null | tee "$log" | sed -u 's/^/       /'; then rm -f "$log"; return 0; fi
  "$explain" "$log"
  give_up "$1 failed; the lines above say why."
}

# For any installer: why git did not get a package, as it says in FILE.
explain_git() {
  if grep -qE 'Permission denied \(publickey|Host key verification failed|could not read Username|Authentication failed for .*git' "$1"; then
    give_up 'A package is in a private Git repository: give its address as ssh://, and set a private key that may read it with "mothership config:set MOTHERSHIP_BUILD_SSH_KEY --from-file FILE".'
  fi
}

# found_in FILE REGEX: prints the first match of the first group of the extended regular expression.
found_in() {
  local line
  while IFS= read -r line; do
    if [[ $line =~ $2 ]]; then echo "${BASH_REMATCH[1]}"; return 0; fi
  done < "$1"
}

# json_object FILE: gives up with the position of what is wrong, unless the file is a JSON object.
json_object() {
  local why
  if ! why=$(jq empty "$1" 2>&1); then
    give_up "$1 is not valid JSON (${why#jq: parse error: }): correct it, then deploy again."
  fi
  jq -e 'type == "object"' "$1" > /dev/null 2>&1 || give_up "$1 is not a JSON object."
}

# config_var NAME: its value; nothing when it is not set.
config_var() {
  cat "$env_dir/$1" 2> /dev/null || true
}

digest() {
  sha256sum | cut -c 1-24
}

# digest_of FILE...: prints a digest of the names and contents of those files that exist.
digest_of() {
  local file
  for file in "$@"; do
    if [[ -f $file ]]; then echo "$file"; sha256sum < "$file"; fi
  done | digest
}

# Installers and builds see config vars, but not those that would break the tools themselves, as on Heroku, nor those that
# have the name of a variable of this shell: bash's own, some of them read-only (UID, SHELLOPTS), and the buildpack's.
export_config_vars() {
  local file name value
  for file in "$env_dir"/*; do
    name=${file##*/}
    if [[ ! -f $file || $name =~ ^(PATH|HOME|GIT_DIR|CPATH|CPPATH|LD_PRELOAD|LD_LIBRARY_PATH|LIBRARY_PATH|PWD|SHELL)$ ]]; then continue; fi
    if [[ $name =~ ^(BASH.*|CDPATH|ENV|EXECIGNORE|FUNCNEST|GLOBIGNORE|POSIXLY_CORRECT|TMOUT)$ ]] || is_shells_own "$name"; then continue; fi
    # The dot keeps newlines at the end, which $(...) would strip.
    value=$(cat "$file"; echo .)
    export "$name=${value%.}"
  done
}

# Whether the shell has a variable of that name that did not come from its environment, or that is read-only.
is_shells_own() {
  local declared flags
  declared=$(declare -p "$1" 2> /dev/null) || return 1
  flags=${declared#declare -}
  flags=${flags%% *}
  [[ $flags == *r* || $flags != *x* ]]
}

# The layer can be skipped if the Builder has it already.
layer_is_known() {
  [[ -f ${MOTHERSHIP_KNOWN_LAYERS:-} ]] && grep -qxF "$1 $2" "$MOTHERSHIP_KNOWN_LAYERS"
}

declare_layer() {
  if [[ -n ${MOTHERSHIP_LAYERS:-} ]]; then echo "$1 $2 $3" >> "$MOTHERSHIP_LAYERS"; fi
}

# at_home FOLDER PATH: makes FOLDER available at /app/PATH during the build, as it will be when the app runs.
at_home() {
  mkdir -p "$HOME/$(dirname "$2")"
  rm -rf "${HOME:?}/$2"
  ln -s "$1" "$HOME/$2"
}

# put_in_app FOLDER PATH [PATTERN...]: copies FOLDER to the app's PATH, without files that match (as in tar's --exclude).
put_in_app() {
  local from=$1 to=$build_dir/$2 pattern without=()
  shift 2
  for pattern in "$@"; do without+=("--exclude=$pattern"); done
  rm -rf "$to"
  mkdir -p "$to"
  tar -C "$from" "${without[@]}" -cf - . | tar -C "$to" -xf -
}

# Lines of shell for later buildpacks and for the app's start that say where things are, with $HOME as /app.
write_profile() {
  mkdir -p "$build_dir/.profile.d"
  cp "$here/lib/profile.sh" "$build_dir/.profile.d/$1"
  cp "$here/lib/profile.sh" "$here/export"
}
