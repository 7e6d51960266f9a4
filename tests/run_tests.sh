#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs the test programs named and sums up what they counted: the cmocka tests
# of a program, or the closing line "N passed, N failed" of a script, or else
# its exit status (77: skipped). Called by `make check` from the build folder
# with srcdir, MLTOWER, CC and LIB_CFLAGS set; JOBS programs run at a time,
# each in at most TEST_TIMEOUT seconds. What a program wrote is kept in
# test-logs/, and shown when it failed. The last lines say which took longest,
# and "N passed, N failed".

: "${srcdir:=.}" "${MLTOWER:=$PWD/mltower}" "${TEST_TIMEOUT:=300}"
: "${JOBS:=$(nproc 2>/dev/null || echo 2)}"
export srcdir TEST_TIMEOUT MLTOWER

# A program that never ends, or a test which waits for a key, must not hang.
run_one()
{
	t=$1
	log=test-logs/$(echo "$t" | tr / _)
	set -- "./$t"
	case $t in
	*.sh) set -- sh "$srcdir/$t" ;;
	*.py) set -- "${PYTHON:-python3}" "$srcdir/$t" ;;
	tests/fuzz/*)
		corpus=$srcdir/tests/fuzz/corpus/${t##*/fuzz_}
		[ -d "$corpus" ] && set -- "$@" "$corpus"
		;;
	esac
	start=$(date +%s)
	timeout -k 5 "$TEST_TIMEOUT" "$@" >"$log.log" 2>&1 </dev/null
	echo $? >"$log.status"
	echo "$(($(date +%s) - start)) $t" >"$log.seconds"
	count "$t" "$log" >"$log.count"
	report "$log"
}

# Prints "passed failed skipped program".
count()
{
	awk -v t="$1" -v status="$(cat "$2.status")" '
	/^\[ *OK *\]/ { ok++ }
	/^\[  FAILED  \]/ && !/test\(s\)/ { if (!listed) bad++ }
	/^\[  SKIPPED \]/ && !/test\(s\)/ { if (!listed) skipped++ }
	# cmocka names what failed a second time at its end
	/^\[==========\].* run\.$/ { listed = 1 }
	/^\[==========\] Running/ { listed = 0 }
	/^[0-9]+ passed, [0-9]+ failed/ { ok += $1; bad += $3; plain = 1 }
	/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped/ { skipped += $5 }
	END {
		counted = ok + bad + skipped
		if (status == 77 && !counted) skipped = 1
		else if (status == 0 && !counted && !plain) ok = 1
		# it died before it could count, or outside its tests
		else if (status != 0 && status != 77 && !bad) bad = 1
		print ok + 0, bad + 0, skipped + 0, t
	}' "$2.log"
}

report()
{
	read -r ok bad skipped t <"$1.count"
	if [ "$bad" -gt 0 ]; then
		echo "FAIL: $t: $ok passed, $bad failed" \
			"(exit $(cat "$1.status"))"
		tail -n 60 "$1.log" | sed 's/^/    /'
	elif [ "$skipped" -gt 0 ]; then
		echo "PASS: $t: $ok passed, $skipped skipped"
		grep -ai 'skip' "$1.log" | head -n 3 | sed 's/^/    /'
	else
		echo "PASS: $t: $ok passed"
	fi
}

if [ "$1" = --one ]; then
	run_one "$2"
	exit 0
fi

rm -rf test-logs
mkdir -p test-logs
[ $# -gt 0 ] && printf '%s\n' "$@" | xargs -P "$JOBS" -n 1 sh "$0" --one
cat test-logs/*.seconds 2>/dev/null | sort -rn | head -n 6 |
	awk '$1 > 1 { line = line (line ? ", " : "") $2 " " $1 " s" }
	END { if (line) print "slowest: " line }'
cat test-logs/*.count 2>/dev/null | awk '
	{ ok += $1; bad += $2; skipped += $3 }
	END {
		printf "%d passed, %d failed", ok, bad
		if (skipped) printf ", %d skipped", skipped
		print ""
		exit bad > 0
	}'
