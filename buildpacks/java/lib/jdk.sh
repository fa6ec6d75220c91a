# shellcheck shell=bash disable=SC2034,SC2154
# The JDK of the stack, and its Maven. Sets: java_version, runtime_key.

# The stack's JDK for apps that do not request a version.
readonly usual_java=21

choose_jdk() {
  local said='' wanted available package version jdk
  if [[ -f system.properties ]]; then said=$(sed -nE 's/^[[:space:]]*java\.runtime\.version[[:space:]]*[=:][[:space:]]*([^[:space:]]*).*/\1/p' system.properties | tail -n 1); fi
  # 21, 21.0.12 and openjdk-21 all mean 21; 1.8 means 8.
  wanted=${said##*-}
  wanted=${wanted#1.}
  available=$(package_versions 'openjdk-[0-9]+-jdk-headless')
  java_version=
  while read -r package version; do
    if [[ $version. == "${wanted:-$usual_java}".* ]]; then java_version=$version jdk=$package; fi
  done <<< "$available"
  if [[ -z $java_version ]]; then
    give_up "system.properties asks for Java $said; this stack has $(cut -d ' ' -f 2 <<< "$available" | paste -sd , | sed 's/,/, /g'). Write java.runtime.version=$usual_java there."
  fi
  choose_packages "$jdk" maven
  runtime_key=java-$packages_key
}

provide_jdk() {
  local runtime=$cache_dir/java/runtime
  unpack_packages "$runtime"
  runtime_key=java-$packages_key
  at_home "$runtime" .heroku/jdk
  # shellcheck source=/dev/null
  source "$here/lib/profile.sh"
  if [[ ! -f $runtime/.settled ]]; then settle; fi
  if [[ -n ${SSL_CERT_FILE:-} ]]; then
    if [[ ! $cache_dir/java/truststore -nt $SSL_CERT_FILE ]]; then make_truststore "$SSL_CERT_FILE" "$cache_dir/java/truststore"; fi
    export JAVA_TOOL_OPTIONS="${JAVA_TOOL_OPTIONS:-} -Djavax.net.ssl.trustStore=$cache_dir/java/truststore"
  fi
}

settle() {
  local place
  place=$(find "$runtime/usr/lib/jvm" -maxdepth 1 -type d -name "java-${java_version%%.*}-*")
  ln -sfn "usr/lib/jvm/${place##*/}" "$runtime/home"
  # Debian creates the truststore in a post-install script.
  rm -f "$JAVA_HOME/lib/security/cacerts"
  make_truststore /etc/ssl/certs/ca-certificates.crt "$runtime/cacerts"
  mv "$runtime/cacerts" "$JAVA_HOME/lib/security/cacerts"
  touch "$runtime/.settled"
}

make_truststore() {
  java "$here/lib/Truststore.java" "$1" "$2"
}
