# shellcheck shell=bash disable=SC2034,SC2154
# Installs packages of the stack's Debian in a folder, without root, with all dependencies that the run image lacks. The
# lists in the build image decide which packages that are: the network is only needed for downloads.
#   DEBIAN_MIRROR   config var: the mirror to download from, instead of the one of the stack's image
# apt_sources: additional lines for sources.list, if any.

readonly apt_dir=$cache_dir/apt apt_work=${TMPDIR:-/tmp}/apt
# Packages of the run image, in dpkg's format.
readonly run_packages=/mothership/run-packages

# The newer of the image's lists and those that an earlier build fetched.
package_lists() {
  if [[ -n ${DEBIAN_MIRROR:-}${apt_sources:-} || $apt_dir/lists -nt /var/lib/apt/lists ]]; then echo "$apt_dir/lists"; else echo /var/lib/apt/lists; fi
}

# apt PROGRAM ARGUMENT...: runs apt-get or apt-cache on our own files.
apt() {
  local program=apt-$1 options=(-o Debug::NoLocking=true -o "Dir::State::status=$run_packages" -o "Dir::State::lists=$(package_lists)" -o "Dir::Cache=$apt_work")
  shift
  options+=(-o APT::Install-Recommends=false -o Acquire::Retries=2)
  if [[ -n ${SSL_CERT_FILE:-} ]]; then options+=(-o "Acquire::https::CAInfo=$SSL_CERT_FILE"); fi
  if [[ -n ${DEBIAN_MIRROR:-}${apt_sources:-} ]]; then options+=(-o "Dir::Etc::sourcelist=$apt_dir/sources.list"); fi
  if [[ -n ${DEBIAN_MIRROR:-} ]]; then options+=(-o Dir::Etc::sourceparts=-); fi
  "$program" -qq "${options[@]}" "$@"
}

refresh_lists() {
  mkdir -p "$apt_dir/lists/partial"
  touch "$apt_dir/lists"
  {
    # shellcheck source=/dev/null
    if [[ -n ${DEBIAN_MIRROR:-} ]]; then (source /etc/os-release && echo "deb $DEBIAN_MIRROR $VERSION_CODENAME main")
    elif [[ -f /etc/apt/sources.list ]]; then cat /etc/apt/sources.list; fi
    echo "${apt_sources:-}"
  } > "$apt_dir/sources.list"
  indented apt get update -o Acquire::Languages=none -o Acquire::GzipIndexes=true && touch "$apt_dir/lists"
}

# Caches the answer to a question about packages until the lists change.
remembered() {
  local file
  file=$apt_dir/answers/$(printf '%s\n' "${DEBIAN_MIRROR:-}${apt_sources:-}" "$@" | digest)
  if [[ ! -f $file || ! $file -nt $(package_lists) ]]; then
    mkdir -p "$apt_dir/answers"
    "$@" > "$file.new" || return 1
    mv "$file.new" "$file"
  fi
  cat "$file"
}

# package_versions PATTERN: "PACKAGE VERSION" of all packages whose name matches, oldest first; versions as upstream has them.
package_versions() {
  if [[ -n ${DEBIAN_MIRROR:-} && ! -d $apt_dir/lists ]]; then refresh_lists >&2; fi
  remembered list_versions "$1"
}

list_versions() {
  local names
  mapfile -t names < <(apt cache pkgnames | grep -xE "$1" | sort -V)
  if [[ ${#names[@]} -gt 0 ]]; then
    apt cache madison "${names[@]}" | awk '{ sub(/^[0-9]+:/, "", $3); sub(/[-+~].*/, "", $3); if (!seen[$1]++) print $1, $3 }'
  fi
}

# Sets packages_key, a digest of the packages and their dependencies with versions.
choose_packages() {
  packages=("$@")
  packages_key=$(remembered needed_packages "$@" | digest)
}

needed_packages() {
  apt get install --print-uris "$@" | awk '{ print $2, $4 }' | sort
}

# Unpacks the chosen packages into FOLDER, which stays in the cache.
unpack_packages() {
  local folder=$1
  if [[ $(cat "$folder/.packages" 2> /dev/null) == "$packages_key" ]]; then return 0; fi
  rm -rf "$folder"
  if ! download_packages; then
    note 'A newer version may have come: asking the mirror'
    if ! { refresh_lists && choose_packages "${packages[@]}" && download_packages; }; then
      give_up "The Debian mirror did not give ${packages[*]}: see above. Try again, or name a mirror that this node reaches in the config var DEBIAN_MIRROR."
    fi
  fi
  mkdir -p "$folder"
  find "$apt_work/archives" -maxdepth 1 -name '*.deb' -print0 | xargs -0 -r -P 2 -I {} dpkg -x {} "$folder"
  rm -rf "$apt_work/archives"
  point_links_inside "$folder"
  point_scripts_inside "$folder"
  echo "$packages_key" > "$folder/.packages"
}

download_packages() {
  rm -rf "$apt_work/archives"
  mkdir -p "$apt_work/archives/partial"
  indented apt get install --download-only --yes "${packages[@]}"
}

# Absolute links of packages are meant for /; here they must point into the folder.
point_links_inside() {
  local folder=$1 link target
  find "$folder" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
    target=$folder$(readlink "$link")
    if [[ -e $target || -L $target ]]; then ln -sfnr "$target" "$link"; fi
  done
}

point_scripts_inside() {
  local folder=$1 script interpreter
  while IFS= read -r script; do
    interpreter=$(sed -nE '1s/^#! *([^ ]+).*/\1/p' "$script")
    if [[ -x $folder$interpreter ]]; then sed -i "1s|.*|#!/usr/bin/env ${interpreter##*/}|" "$script"; fi
  done < <(grep -rlIE --max-count=1 '^#! *(/usr)?/bin/' "$folder/usr/bin" 2> /dev/null)
}
