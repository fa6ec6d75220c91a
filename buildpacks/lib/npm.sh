# shellcheck shell=bash disable=SC2034,SC2154
# Packages of an npm registry, without npm.

registry=${MOTHERSHIP_NPM_REGISTRY:?is not set: name one with "mothership setup --npm-registry URL"}
readonly registry=${registry%/}

# The app's own .npmrc takes precedence.
use_registry() {
  printf 'registry=%s/\nfund=false\naudit=false\nupdate-notifier=false\n' "$registry" > "$HOME/.npmrc"
  printf 'npmRegistryServer: "%s"\nenableTelemetry: false\n' "$registry" > "$HOME/.yarnrc.yml"
}

readonly no_such_version=2
readonly no_registry="The npm registry does not answer ($registry): set one that this node reaches with \"mothership setup --npm-registry URL\"."

# choose_version WHERE PACKAGE RANGE [PREFERRED]: prints the newest version in RANGE, one in PREFERRED as well if there is
# any. WHERE: what asks for it, as the user knows it. Ends with $no_such_version, having said so, when there is none.
choose_version() {
  packument "$2" | nodejs "$stack_lib/choose-version.js" "$1" "${@:3}"
}

packument() {
  curl -fsS --location --retry 2 --max-time 60 -H 'Accept: application/vnd.npm.install-v1+json' "$registry/${1/\//%2f}"
}

# fetch_package NAME VERSION FOLDER: unpacks the package after checking it against the registry's digest.
fetch_package() {
  local name=$1 version=$2 folder=$3 dist file
  dist=$(packument "$name" | jq -re --arg v "$version" '.versions[$v].dist | "\(.integrity) \(.tarball)"') || return 1
  file=$(mktemp)
  curl -fsS --location --retry 2 -o "$file" "$registry/${dist#* http*://*/}" || return 1
  nodejs "$stack_lib/check-integrity.js" "$file" "${dist%% *}" || return 1
  mkdir -p "$folder"
  tar -xf "$file" -I pigz --strip-components=1 --no-same-owner -C "$folder" || return 1
  rm -f "$file"
}
