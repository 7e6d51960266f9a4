#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# valgrind.sh MLTOWER FOLDER: runs every verb that needs no terminal under
# valgrind, on a small store made in FOLDER. A verb fails by an invalid access,
# a use of what was never set, a leak, or an exit status other than the one
# that stands beside it.
set -u

mltower=$1 folder=$2
here=$(cd "$(dirname -- "$0")" && pwd)
passed=0 failed=0
mkdir -p "$folder" && cd "$folder" || exit 1
rm -rf state store.db home
mkdir -p home
python3 "$here/bench/make_store.py" store.db --runs 40 --metrics 6 \
	--histories 4 --points 50 || exit 1
printf 'amount,country\n' >base.csv
cp base.csv current.csv
i=0
while [ $i -lt 600 ]; do
	echo "$((i % 97)).5,$((i % 5))" >>base.csv
	echo "$((i % 97 + 30)).25,$((i % 3))" >>current.csv
	i=$((i + 1))
done
run=$(sqlite3 store.db 'SELECT run_uuid FROM runs LIMIT 1')
other=$(sqlite3 store.db 'SELECT run_uuid FROM runs LIMIT 1 OFFSET 1')
export HOME="$folder/home" MLTOWER_STATE="$folder/state" NO_COLOR=1
unset MLFLOW_TRACKING_URI XDG_CONFIG_HOME XDG_STATE_HOME MLTOWER_CONFIG

# verb STATUS ARG..
verb()
{
	want=$1
	shift
	timeout -k 5 120 valgrind -q --error-exitcode=99 --leak-check=full \
		--show-leak-kinds=definite,indirect \
		--errors-for-leak-kinds=definite,indirect \
		--smc-check=all-non-file --log-file=valgrind.log \
		"$mltower" "$@" >out.txt 2>err.txt </dev/null
	got=$?
	if [ $got = "$want" ] && [ ! -s valgrind.log ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "not ok: mltower $* (exit $got, not $want)"
	head -n 40 valgrind.log
	head -n 3 err.txt
}

verb 0 --version
verb 0 --help
verb 2 no-such-verb
verb 0 store.db
verb 0 runs store.db
verb 0 runs store.db --json
verb 0 runs store.db --csv --limit 5
verb 0 runs store.db --filter 'metrics.auc > 0.5 and status = FINISHED' \
	--sort metrics.auc:desc --columns name,metrics.auc
verb 2 runs store.db --filter 'metrics.auc >'
verb 0 show --source store.db "$run" --json
verb 7 show --source store.db 00000000000000000000000000000000
verb 0 history --source store.db "$run" auc loss --points 10 --json
verb 0 compare --source store.db "$run" "$other" --diff-only
verb 0 models store.db --json
verb 0 versions --source store.db fraud-detector
verb 0 promote --source store.db fraud-detector 3 --alias champion \
	--if-current 12 --reason valgrind
verb 5 promote --source store.db fraud-detector 4 --alias champion \
	--if-current 12
verb 0 rollback --source store.db fraud-detector --alias champion \
	--if-current 3
verb 4 --readonly promote --source store.db fraud-detector 4 \
	--alias champion --if-current 12
verb 0 audit --verify
verb 0 audit --json
verb 0 events --source store.db
verb 0 alerts --json
verb 7 ack 12345
verb 2 watch --once
cat >config.yaml <<END
sources:
  lab: {path: store.db}
monitors:
  live:
    model: lab:fraud-detector@champion
    rows: current.csv
    baseline: {rows: base.csv}
    window: {rows: 500, every: 1m}
    drift: {columns: "*", alpha: .05, min_rows: 100}
END
verb 1 --config config.yaml watch --once
verb 1 --config config.yaml alerts --exit-code --json
verb 1 --config config.yaml drift live
verb 0 --config config.yaml ack 1 --note seen
verb 0 --config config.yaml events --json
verb 1 drift --baseline base.csv --current current.csv --json
verb 0 drift --baseline base.csv --current base.csv
verb 0 sources store.db --json
verb 3 runs absent.db
verb 0 keys
verb 0 config
verb 0 config --check
echo "$passed passed, $failed failed"
[ $failed = 0 ]
