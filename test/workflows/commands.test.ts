import { withCommands } from '../../workflows/commands';

test.each([
  [
    'docker compose ps will show 1 of them only with --all',
    '`docker compose ps` will show 1 of them only with `--all`',
  ],
  ['belay restart --service api starts all of them', '`belay restart --service api` starts all of them'],
  ['belay release --version api=<tag> (it was 1)', '`belay release --version api=<tag>` (it was 1)'],
  ['db is not running: docker compose up -d db; then', 'db is not running: `docker compose up -d db`; then'],
  ['docker compose up -d --wait starts it', '`docker compose up -d --wait` starts it'],
  ['was given by --version, for that release', 'was given by `--version`, for that release'],
  ['run `belay doctor --json`, or belay skip --step 9', 'run `belay doctor --json`, or `belay skip --step 9`'],
])('%s', (text, expected) => {
  expect(withCommands(text)).toBe(expected);
});

test.each([
  'docker in its shell',
  'Belay runs a check-up',
  'shop-api-r2-1 -- gone',
  'a - b',
  '/srv/--all',
  'api: 2 -> 3',
])('leaves %s', (text) => {
  expect(withCommands(text)).toBe(text);
});
