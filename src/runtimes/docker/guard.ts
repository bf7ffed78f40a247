/**
 * The program under a shell that waits for the end of its input: the engine closes the input with the connection, even
 * if this process was killed. Then the shell asks the program and all that it has started to end; what outlives the
 * program is killed. Only words of the shell itself are used, as an image may have no other programs. The shell outlives
 * what it starts: PostgreSQL as the container's first process would inherit the rest, and takes a child that a signal has
 * ended for a crash of its own. The token, without blanks, names the shell to `killGuarded`.
 */
export const guard = (argv: string[], token: string): string[] => [
  'sh',
  '-c',
  `: ${token}\n${script}`,
  'belay',
  ...argv,
];

/** Kills all that such a shell has started, in the same container. */
export const killGuarded = (token: string): string[] => ['sh', '-c', `: kill\n${killing}`, 'belay', token];

/** Sets `pids` to a process and all below it, the lowest first: each is then reaped by the one that started it. */
const tree = `tree() {
  pids="$1 $pids"
  for list in "/proc/$1/task"/*/children; do
    kids=
    { read -r kids <"$list"; } 2>/dev/null
    for kid in $kids; do tree "$kid"; done
  done
}`;

/** SIGUSR1 asks the shell itself: a child that was just forked would lose a signal that its parent traps. */
const script = `${tree}
end() { pids=; tree "$program"; kill $pids 2>/dev/null; }
pids=
trap end USR1
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
{ read -r line <&3; kill -USR1 "$$"; } >/dev/null 2>&1 &
watch=$!
wait "$program"
code=$?
if [ -n "$pids" ]; then
  wait "$program"
  left=$pids
  pids=
  for pid in $left; do tree "$pid"; done
  kill -KILL $pids
fi 2>/dev/null
kill "$watch" 2>/dev/null
wait "$watch" 2>/dev/null
exit "$code"`;

/** Only the first line of a shell's words is read, where its token stands. */
const killing = `${tree}
for dir in /proc/[0-9]*; do
  line=
  { read -r line <"$dir/cmdline"; } 2>/dev/null
  case $line in *"$1"*) ;; *) continue ;; esac
  shell=\${dir#/proc/}
  pids=
  tree "$shell"
  for pid in $pids; do [ "$pid" = "$shell" ] || kill -KILL "$pid" 2>/dev/null; done
done`;
