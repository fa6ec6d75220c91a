# shellcheck shell=bash disable=SC2034,SC2154
# Why Maven or Gradle failed, and what to do.

readonly no_answer='Connection refused|Connect timed out|UnknownHostException|Unknown host|No route to host|PKIX path|Connection reset'

explain_maven() {
  local what place=${MAVEN_MIRROR_URL:-its repository}
  if grep -qE "$no_answer" "$1"; then
    give_up "The Maven repository does not answer ($place): name a mirror that this node reaches in the config var MAVEN_MIRROR_URL."
  fi
  what=$(found_in "$1" 'Could not find artifact ([^ ]+)')
  what=${what:-$(found_in "$1" 'Plugin ([^ ]+) (or one|not found)')}
  if [[ -n $what ]]; then
    give_up "There is no $what at $place: correct pom.xml, or name a mirror that has it in the config var MAVEN_MIRROR_URL."
  fi
  explain_release "$1" pom.xml
  if grep -q 'Non-parseable POM\|problems were encountered while processing the POMs' "$1"; then give_up 'pom.xml cannot be read: correct what Maven says above.'; fi
  if grep -q 'COMPILATION ERROR' "$1"; then give_up 'The app does not compile: correct what the compiler says above.'; fi
  give_up 'Maven failed; the lines above say why.'
}

explain_gradle() {
  if grep -qE "$no_answer" "$1"; then
    give_up 'Gradle or a repository does not answer: name where this node finds Gradle in the config var GRADLE_DISTRIBUTION_URL, and a repository that it reaches in the build script.'
  fi
  explain_release "$1" 'the build script'
  if grep -qE 'compileJava.*FAILED|Compilation failed' "$1"; then give_up 'The app does not compile: correct what the compiler says above.'; fi
  give_up 'Gradle failed; the lines above say why.'
}

explain_release() {
  local what
  what=$(found_in "$1" '(invalid target release: [0-9.]+|release version [0-9.]+ not supported|Unsupported class file major version [0-9]+)')
  if [[ -n $what ]]; then
    give_up "Java $java_version cannot compile this ($what): say another Java in system.properties (java.runtime.version), or another release in $2."
  fi
}
