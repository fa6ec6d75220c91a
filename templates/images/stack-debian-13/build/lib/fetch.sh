#!/bin/bash
# shellcheck disable=SC2154 # the driver sets the folders
# Fetches each buildpack into its own folder under /build/buildpacks and pins it. A line of /build/in/buildpacks is
#   KIND NAME BUNDLED URL REF      with `-` for a missing field
# KIND stack: the stack's own BUNDLED, else the Git repository at URL; git: URL at REF; archive: URL.

# Folders of the buildpacks to run, in order; empty: detect one.
chosen=()

choose_buildpacks() {
  local kind name bundled url ref folder
  while read -r kind name bundled url ref; do
    folder=$root/buildpacks/${#chosen[@]}
    bring "$kind" "$name" "$bundled" "$url" "$ref"
    chosen+=("$folder")
  done < "$in/buildpacks"
}

# bring KIND NAME BUNDLED URL REF: fetches a buildpack into $folder.
bring() {
  local kind=$1 name=$2 bundled=$3 url=$4 ref=$5
  mkdir -p "$folder"
  if [[ $kind == stack && -d $own/$bundled ]]; then
    bring_own "$bundled"
    return
  fi
  if [[ $url == - ]]; then
    cp "$own/order" "$out/known"
    give_up "unknown $name"
  fi
  if [[ $kind == archive ]]; then bring_archive "$name" "$url"; else bring_git "$name" "$url" "$ref"; fi \
    || give_up "unreachable $name"
  enter_buildpack || give_up "unreachable $name"
}

# Heroku's have a .version file with their commit. Copied because a buildpack may write to its own folder (`export`).
bring_own() {
  cp -r "$own/$1/." "$folder"
  pin "$1" "$(cat "$own/$1.version" 2> /dev/null || cat "$own/$1/VERSION")"
}

bring_archive() {
  local name=$1 url=$2 file=$folder.tgz
  local protocols='=https'
  is_secure "$url" || protocols='=http,https'
  curl -fsSL --retry 3 --proto "$protocols" -o "$file" -- "$url" || return 1
  tar -xz --no-same-owner -C "$folder" -f "$file" || return 1
  pin "$name" "sha256:$(sha256sum "$file" | cut -d ' ' -f 1)"
}

# Some servers serve neither single commits nor shallow clones: then the whole history is fetched.
bring_git() {
  local name=$1 url=$2 ref=${3#-}
  local -x GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL=https
  is_secure "$url" || GIT_ALLOW_PROTOCOL=http:https
  git init --quiet "$folder" && git -C "$folder" remote add origin "$url" || return 1
  if in_folder fetch --quiet --depth 1 origin "${ref:-HEAD}" 2> "$folder.log"; then
    in_folder checkout --quiet --detach FETCH_HEAD || return 1
  else
    in_folder fetch --quiet --tags origin '+refs/heads/*:refs/remotes/origin/*' || return 1
    in_folder checkout --quiet --detach "$(whole_ref "$ref")" 2> "$folder.log" || no_ref "$ref" || return 1
  fi
  in_folder submodule --quiet update --init --recursive || return 1
  pin "$name" "$(in_folder rev-parse HEAD)"
}

in_folder() {
  git -C "$folder" "$@"
}

whole_ref() {
  if [[ -z $1 ]]; then
    in_folder remote set-head origin --auto > /dev/null && echo origin/HEAD
  elif in_folder rev-parse --quiet --verify "origin/$1^{commit}" > /dev/null; then
    echo "origin/$1"
  else
    echo "$1"
  fi
}

no_ref() {
  echo "it has no branch, tag or commit \"${1:-HEAD}\""
  return 1
}

# No redirects from https to http.
is_secure() {
  [[ $1 == https:* ]]
}

pin() {
  echo "$1 $2" > "$folder.name"
}

name_of() {
  cat "$1.name"
}

# An archive often has everything in one folder. Scripts from archives or Windows may not be executable.
enter_buildpack() {
  local inner
  if [[ ! -f $folder/bin/detect ]]; then
    inner=$(find "$folder" -mindepth 3 -maxdepth 3 -path '*/bin/detect' -print -quit)
    [[ -n $inner ]] && inner=$(dirname "$(dirname "$inner")") && mv "$inner" "$folder.inner" && rm -rf "$folder" && mv "$folder.inner" "$folder"
  fi
  if [[ ! -f $folder/bin/detect || ! -f $folder/bin/compile ]]; then
    echo 'it is no buildpack: it has no bin/detect and bin/compile'
    return 1
  fi
  chmod -f +x "$folder"/bin/* || true
}
