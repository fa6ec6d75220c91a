#!/bin/bash
# shellcheck disable=SC2154 # the driver sets the folders

# Each program has its own variable for the bundle, and most want all certificates in one file.
trust_certificates() {
  [[ -s $in/ca.pem ]] || return 0
  local bundle=$root/ca-bundle.pem name
  cat /etc/ssl/certs/ca-certificates.crt "$in/ca.pem" > "$bundle"
  export NODE_EXTRA_CA_CERTS=$in/ca.pem
  for name in SSL_CERT_FILE CURL_CA_BUNDLE GIT_SSL_CAINFO PIP_CERT REQUESTS_CA_BUNDLE; do
    export "$name=$bundle"
  done
}
