/**
 * The program under a shell that waits for the end of its input: the engine closes the input with the connection, even
 * if this process was killed. Only words of the shell itself are used, as an image may have no other programs. The shell
 * outlives what it starts: PostgreSQL as the container's first process would inherit the rest, and takes a child that a
 * signal has ended for a crash of its own.
 */
export const guard = (argv: string[]): string[] => ['sh', '-c', script, 'belay', ...argv];
const script = `exec 3<&0
"$@" </dev/null 3<&- &
program=$!
{ read -r line <&3; kill "$program" 2>/dev/null; } >/dev/null 2>&1 &
watch=$!
wait "$program"
code=$?
kill "$watch" 2>/dev/null
wait "$watch" 2>/dev/null
exit "$code"`;
