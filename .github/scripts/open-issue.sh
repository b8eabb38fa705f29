# Opens an issue about a scheduled workflow that has failed, unless an issue with this title is still open. Any step can
# have failed, so the issue claims no cause: the run names it.
#
#   sh .github/scripts/open-issue.sh TITLE
#
# Needs GH_TOKEN, with `issues: write`.
set -eu

run="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
open=$(gh issue list --state open --search "in:title \"$1\"" --json number --jq length)
if [ "$open" = 0 ]; then
	gh issue create --title "$1" --body "The job \`$GITHUB_JOB\` has failed. Its log has the step and the reason: $run"
fi
