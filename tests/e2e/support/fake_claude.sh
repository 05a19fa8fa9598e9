#!/bin/sh
# A stand-in for Claude Code, as far as its command line and its stream of JSON lines go. No model is behind it: the
# part below this prelude says what it does, by unit ($BATCH_UNIT) and by what it is asked ($prompt).
here=$(cd "$(dirname "$0")" && pwd)
prompt=$(cat)
all="$*"
session= resumed= schema= model=default
while [ $# -gt 0 ]; do
  case "$1" in
    --resume) session=$2 resumed=yes; shift ;;
    --json-schema) schema=$2; shift ;;
    --model) model=$2; shift ;;
  esac
  shift
done
: "${session:=session-$$}"
mkdir -p "$here/asked"
n=$(ls "$here/asked" | wc -l)
{
  printf 'args: %s\nunit: %s\nresumed: %s\nfolder: %s\n' "$all" "${BATCH_UNIT-}" "$resumed" "$PWD"
  printf '%s\n' '--- environment'
  env | sort
  printf '%s\n' '--- prompt' "$prompt"
} > "$here/asked/$(printf '%04d' "$n")-${BATCH_UNIT-research}-$$"

# A text as the inside of a JSON string.
controls=$(printf 's/\033/\\\\u001b/g;s/\007/\\\\u0007/g;s/\010/\\\\b/g;s/\r/\\\\r/g')
quoted() {
  printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' -e "$controls" | awk '{ if (NR > 1) printf "\\n"; printf "%s", $0 }'
}
begins() {
  printf '{"type":"system","subtype":"init","cwd":"%s","session_id":"%s","model":"%s"}\n' "$PWD" "$session" "$model"
}
message=0
# message CONTENT: an assistant's message with this block, which costs 100 and 20 tokens.
message() {
  message=$((message + 1))
  printf '{"type":"assistant","message":{"id":"m%s-%s","role":"assistant","model":"%s","content":[%s],"usage":{"input_tokens":100,"output_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":0}},"session_id":"%s"}\n' "$$" "$message" "$model" "$1" "$session"
}
says() { message "{\"type\":\"text\",\"text\":\"$(quoted "$1")\"}"; }
# used ID: what came of a tool.
used() {
  printf '{"type":"user","message":{"role":"user","content":[{"tool_use_id":"%s","type":"tool_result","content":"done"}]},"session_id":"%s"}\n' "$1" "$session"
}
# writes PATH TEXT: its own tool for writing files.
writes() {
  mkdir -p "$(dirname "$1")"
  message "{\"type\":\"tool_use\",\"id\":\"t$message\",\"name\":\"Write\",\"input\":{\"file_path\":\"$(quoted "$PWD/$1")\",\"content\":\"…\"}}"
  printf '%s\n' "$2" > "$1"
  used "t$((message - 1))"
}
# runs COMMAND: its shell tool.
runs() {
  message "{\"type\":\"tool_use\",\"id\":\"t$message\",\"name\":\"Bash\",\"input\":{\"command\":\"$(quoted "$1")\"}}"
  sh -c "$1" > /dev/null 2>&1
  set -- $?
  used "t$((message - 1))"
  return "$1"
}
# result REST: the last line, with these fields beside those that are always there. A request costs a cent; the session's
# cost counts on from request to request.
result() {
  echo x >> "$here/requests-$session"
  cents=$(wc -l < "$here/requests-$session")
  own="\"inputTokens\":$((100 * message)),\"outputTokens\":$((20 * message)),\"cacheReadInputTokens\":0,\"cacheCreationInputTokens\":0"
  printf '{"type":"result","session_id":"%s","total_cost_usd":%s,"usage":{"input_tokens":%s,"output_tokens":%s,"cache_creation_input_tokens":0,"cache_read_input_tokens":0},"num_turns":%s,"model_usage_since_last_result":{"%s":{%s,"costUSD":%s}},%s}\n' \
    "$session" "${cost-$(printf '0.%02d' "$cents")}" "$((100 * message))" "$((20 * message))" "$((message + 1))" "$model" "$own" "${cost-0.01}" "$1"
}
# ends TEXT [DENIALS]
ends() {
  says "$1"
  result "\"subtype\":\"success\",\"is_error\":false,\"api_error_status\":null,\"terminal_reason\":\"completed\",\"permission_denials\":[${2-}],\"result\":\"$(quoted "$1")\""
  exit 0
}
# answers FILE: an answer by the schema, from a file of JSON on one line.
answers() {
  says 'Here is the answer.'
  result "\"subtype\":\"success\",\"is_error\":false,\"api_error_status\":null,\"permission_denials\":[],\"result\":\"see structured_output\",\"structured_output\":$(tr -d '\n' < "$1")"
  exit 0
}
# refused STATUS [RESETS]: what an HTTP error of the provider looks like.
refused() {
  case $1 in
    401) code=authentication_failed ;;
    429) code=rate_limit ;;
    *) code=server_error ;;
  esac
  [ -z "${2-}" ] || printf '{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":%s,"rateLimitType":"five_hour"},"session_id":"%s"}\n' "$2" "$session"
  printf '{"type":"assistant","message":{"id":"m%s-none","role":"assistant","model":"<synthetic>","content":[{"type":"text","text":"API Error: %s scripted"}],"usage":{"input_tokens":0,"output_tokens":0}},"session_id":"%s","error":"%s"}\n' "$$" "$1" "$session" "$code"
  cost=0
  result "\"subtype\":\"success\",\"is_error\":true,\"api_error_status\":$1,\"terminal_reason\":\"api_error\",\"permission_denials\":[],\"result\":\"API Error: $1 scripted\""
  exit 1
}
# runs_out SUBTYPE: out of turns (error_max_turns) or of money (error_max_budget_usd).
runs_out() {
  result "\"subtype\":\"$1\",\"is_error\":true,\"terminal_reason\":\"scripted\",\"permission_denials\":[],\"errors\":[\"scripted\"]"
  exit 1
}
# denied TOOL: a refusal, as the list of the last line has it.
denied() { printf '{"tool_name":"%s","tool_use_id":"of-%s","tool_input":{}}' "$1" "$1"; }
# once NAME: whether this is the first time that it is asked for NAME.
once() { mkdir "$here/once-$1" 2> /dev/null; }

begins
case "$prompt" in *'single word'*) ends ready ;; esac
if [ -z "${BATCH_UNIT-}" ] && [ -f "$here/research.json" ]; then answers "$here/research.json"; fi
