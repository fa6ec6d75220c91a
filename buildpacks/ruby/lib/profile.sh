# shellcheck shell=bash disable=SC2155
export PATH="$HOME/bin:$HOME/.heroku/ruby/usr/bin:$PATH"
export LD_LIBRARY_PATH="$HOME/.heroku/ruby/usr/lib/$(uname -m)-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export BUNDLE_PATH="$HOME/vendor/bundle" BUNDLE_DEPLOYMENT=1 BUNDLE_WITHOUT="${BUNDLE_WITHOUT-development:test}"
# Use this Bundler, whichever version wrote Gemfile.lock.
export BUNDLER_VERSION="${BUNDLER_VERSION-$(cat "$HOME/.heroku/ruby/bundler-version")}"
export RACK_ENV="${RACK_ENV-production}" RAILS_ENV="${RAILS_ENV-production}"
export RAILS_LOG_TO_STDOUT="${RAILS_LOG_TO_STDOUT-enabled}" RAILS_SERVE_STATIC_FILES="${RAILS_SERVE_STATIC_FILES-enabled}"
