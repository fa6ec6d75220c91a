#!/bin/bash
# shellcheck disable=SC2154 # the driver sets the folders

# Git reads private repositories with the key of the config var MOTHERSHIP_BUILD_SSH_KEY. The file is readable by this
# user alone and goes with the container; buildpacks get git's command for ssh, not the key in their environment.
use_ssh_key() {
  local key=$in/ssh-key
  export GIT_SSH_COMMAND="ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=$root/known_hosts"
  [[ -f $key ]] || return 0
  if ! ssh-keygen -y -P '' -f "$key" > /dev/null 2>&1; then
    echo ' !     MOTHERSHIP_BUILD_SSH_KEY is not a private key that works without a passphrase: set it with "mothership config:set MOTHERSHIP_BUILD_SSH_KEY --from-file FILE".'
    exit 1
  fi
  GIT_SSH_COMMAND+=" -i $key -o IdentitiesOnly=yes"
}
