# shellcheck shell=bash disable=SC2155
export JAVA_HOME="$HOME/.heroku/jdk/home"
export PATH="$JAVA_HOME/bin:$PATH"
export LD_LIBRARY_PATH="$HOME/.heroku/jdk/usr/lib/$(uname -m)-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
# Most of the process's memory is for the heap; the JVM's default is a quarter.
export JAVA_OPTS="${JAVA_OPTS--XX:MaxRAMPercentage=70}"
# The database URL in the form that Java's libraries expect.
if [[ ${DATABASE_URL:-} =~ ^postgres(ql)?://([^:@/]+):([^@]*)@([^/?]+)/([^?]*)(\?(.*))?$ ]]; then
  export JDBC_DATABASE_USERNAME="${JDBC_DATABASE_USERNAME-${BASH_REMATCH[2]}}" JDBC_DATABASE_PASSWORD="${JDBC_DATABASE_PASSWORD-${BASH_REMATCH[3]}}"
  export JDBC_DATABASE_URL="${JDBC_DATABASE_URL-jdbc:postgresql://${BASH_REMATCH[4]}/${BASH_REMATCH[5]}?user=${BASH_REMATCH[2]}&password=${BASH_REMATCH[3]}${BASH_REMATCH[7]:+&${BASH_REMATCH[7]}}}"
fi
