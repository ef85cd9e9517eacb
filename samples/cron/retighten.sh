#!/usr/bin/env bash
# The scheduled run without GitHub: proposes on a branch of its own, and prints the page (with "group-by:" the pages), which cron sends by mail.
#
#   17 5 * * 1  /srv/policies/retighten.sh /srv/policies
#
# The folder is a clone of the repository of the policies, with iam-minimize.yaml in it, for which "out:" is policies.
# The index stays beside it. Credentials: the role of the instance, with the policy of ../github/permissions.json.
set -euo pipefail
cd "$1"
main=main
branch=iam-minimize/retighten

git fetch --quiet origin
git checkout --quiet --force -B "$branch" "origin/$main"
code=0
iam-minimize retighten --config iam-minimize.yaml --db "$PWD.db" --quiet > /dev/null || code=$?
case $code in 0 | 1 | 3) ;; *) exit "$code" ;; esac

if [ -n "$(git status --porcelain -- policies)" ]; then
  git add --all -- policies
  git -c user.name=iam-minimize -c user.email=iam-minimize@localhost commit --quiet --message "Policies as small as their use"
  if ! git diff --quiet "origin/$branch" 2> /dev/null; then
    git push --quiet --force origin "$branch"
    git diff --name-only -z --diff-filter=d "origin/$main" HEAD -- ':(glob)policies/**/PULL_REQUEST.md' | xargs -0 -r cat
  fi
fi
exit "$code"
