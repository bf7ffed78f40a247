import { parse } from 'yaml';
import { argv } from '../../src/spec/argv';

test.each<[string, string[]]>([
  ['node /app/check.mjs', ['node', '/app/check.mjs']],
  [' ./check.sh --port=8080 ', ['./check.sh', '--port=8080']],
  ['sleep 5', ['sleep', '5']],
  ['true', ['true']],
  ['check .5 -1 -v .nan', ['check', '.5', '-1', '-v', '.nan']],
  ['check a:b,c [x] #1', ['check', 'a:b,c', '[x]', '#1']],
  ['test -f /tmp/ready && echo "it is"', ['sh', '-c', 'test -f /tmp/ready && echo "it is"']],
  ['check $PORT', ['sh', '-c', 'check $PORT']],
])('a command written as one text is corrected to the list that does the same: %s', (line, words) => {
  const { error } = argv().safeParse(line);
  const [message, hint] = error!.issues[0]!.message.split(' — write a list, as ');
  expect(message).toBe('is one text');
  expect(argv().parse(parse(hint!))).toEqual(words);
});
