# Bounded by itself as well, in case the limit under test is missing.
for i in {1..3000}; do sleep 60 & done
wait
