# shellcheck shell=bash disable=SC2034,SC2154
# Maven and Gradle. Sets: tool.
#   MAVEN_MIRROR_URL       config var: replaces all Maven repositories, also for the Maven wrapper
#   MAVEN_CUSTOM_GOALS, MAVEN_CUSTOM_OPTS, MAVEN_SETTINGS_PATH, GRADLE_TASK   config vars as on Heroku
#   GRADLE_DISTRIBUTION_URL   config var: where the Gradle wrapper downloads Gradle

choose_tool() {
  tool=Maven
  if [[ ! -f pom.xml ]]; then tool='the Gradle wrapper'
  elif [[ -f mvnw ]]; then tool='the Maven wrapper'; fi
  if [[ $tool == 'the Gradle wrapper' && ! -f gradlew ]]; then
    give_up 'There is no Gradle wrapper: run "gradle wrapper" and commit gradlew and the folder gradle.'
  fi
}

build_with_tool() {
  header "Building with $tool"
  if [[ $tool == 'the Gradle wrapper' ]]; then build_with_gradle; else build_with_maven; fi
}

build_with_maven() {
  local program=(sh mvnw) goals options settings=()
  read -r -a goals <<< "${MAVEN_CUSTOM_GOALS:-package}"
  read -r -a options <<< "${MAVEN_CUSTOM_OPTS:--DskipTests}"
  if [[ $tool == Maven ]]; then
    export MAVEN_HOME=$jdk_home/usr/share/maven M2_HOME=$jdk_home/usr/share/maven
    program=(sh "$MAVEN_HOME/bin/mvn")
  fi
  if [[ -n ${MAVEN_SETTINGS_PATH:-} ]]; then settings=(--settings "$MAVEN_SETTINGS_PATH")
  elif [[ -n ${MAVEN_MIRROR_URL:-} ]]; then
    export MVNW_REPOURL=${MVNW_REPOURL:-$MAVEN_MIRROR_URL}
    mirror_settings > "$cache_dir/java/settings.xml"
    settings=(--settings "$cache_dir/java/settings.xml")
  fi
  # The timestamp in jars, which would otherwise be the build's.
  if ! grep -q outputTimestamp pom.xml; then options+=("-Dproject.build.outputTimestamp=$SOURCE_DATE_EPOCH"); fi
  export MAVEN_USER_HOME=$cache_dir/java/maven
  # Look again for artifacts that were missing in an earlier build.
  find "$cache_dir/java" -name '*.lastUpdated' -delete
  note "mvn ${options[*]} ${goals[*]}"
  attempt explain_maven "${program[@]}" --batch-mode --no-transfer-progress -Dstyle.color=never "-Dmaven.repo.local=$cache_dir/java/repository" "${settings[@]}" "${options[@]}" "${goals[@]}"
  if [[ $(du -sm "$cache_dir/java/repository" 2> /dev/null | cut -f 1) -gt 1024 ]]; then rm -rf "$cache_dir/java/repository"; fi
}

mirror_settings() {
  local url=${MAVEN_MIRROR_URL//&/&amp;}
  printf '<settings><mirrors><mirror><id>mirror</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors></settings>\n' "${url//</&lt;}"
}

build_with_gradle() {
  local tasks
  read -r -a tasks <<< "${GRADLE_TASK:-$(if grep -qs 'stage' build.gradle build.gradle.kts; then echo stage; else echo build -x test; fi)}"
  export GRADLE_USER_HOME=$cache_dir/java/gradle
  if [[ -n ${GRADLE_DISTRIBUTION_URL:-} && -f gradle/wrapper/gradle-wrapper.properties ]]; then
    printf 'distributionUrl=%s\n' "$GRADLE_DISTRIBUTION_URL" >> gradle/wrapper/gradle-wrapper.properties
  fi
  note "./gradlew ${tasks[*]}"
  attempt explain_gradle sh ./gradlew --no-daemon --console=plain "${tasks[@]}"
  if [[ $(du -sm "$GRADLE_USER_HOME" 2> /dev/null | cut -f 1) -gt 2048 ]]; then rm -rf "$GRADLE_USER_HOME"; fi
}
