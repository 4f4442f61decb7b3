# Runs what comes in, a script in base64 a line; answers `=> STATUS OUTPUT` with the output in base64.
stty raw -echo
echo '=> ready'
while read -r order; do
  output=$(bash -c "$(base64 -d <<<"$order")" 2>&1 </dev/null)
  status=$?
  echo "=> $status $(base64 -w0 <<<"$output")"
done
