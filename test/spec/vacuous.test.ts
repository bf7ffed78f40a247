import { vacuousTest } from '../../src/spec/vacuous';

const shell = (script: string) => vacuousTest(['CMD-SHELL', script]);

test.each([
  'true',
  '/bin/true',
  ':',
  'echo ok',
  'exit 0',
  'curl -f http://localhost/health || true',
  'curl -f http://localhost/health || exit 0',
  'curl -f http://localhost/health; echo done',
  'false || echo "a; b"',
  'curl -s http://localhost | echo seen',
  `python -c "print('OK')"`,
  `python3 -c 'import sys; sys.exit(0)'`,
  `node -e "console.log('ok')"`,
  `php -r "echo 'ok';"`,
])('%s cannot fail', (script) => expect(shell(script)).toBe(script));

test.each([
  'curl -f http://localhost/health',
  'curl -f http://localhost/health || exit 1',
  'wget -q --spider http://localhost/ && echo ok',
  'true || false && curl -f http://localhost/',
  'if curl -f http://localhost/; then exit 0; else exit 1; fi',
  'curl -f http://localhost/ || exit 1; exit 0',
  'echo ok | grep -q "$STATE"',
  'true & curl -f http://localhost/',
  '[ "$(curl -s http://localhost/ || echo none)" = up ]',
  `python -c "import urllib.request; urllib.request.urlopen('http://localhost:8000/')"`,
  `python -c "print('OK') if ok() else exit(1)"`,
  `node -e "require('http').get('http://localhost')"`,
  'trueish',
  'exit',
])('%s can fail', (script) => expect(shell(script)).toBeUndefined());

test('a program is looked at without a shell, and a shell that is named is looked into', () => {
  expect(vacuousTest(['CMD', 'echo', 'ok', '||', 'x'])).toBe('echo ok || x');
  expect(vacuousTest(['CMD', 'python', '-c', "print('OK')"])).toBe("python -c print('OK')");
  expect(vacuousTest(['CMD', 'exit', '0'])).toBeUndefined();
  expect(vacuousTest(['CMD', 'pg_isready'])).toBeUndefined();
  expect(vacuousTest(['CMD', '/bin/bash', '-c', 'pg_isready; true'])).toBe('/bin/bash -c pg_isready; true');
});

test('where only times are set, the command is the image’s own', () => {
  expect(vacuousTest()).toBeUndefined();
  expect(vacuousTest(['NONE'])).toBeUndefined();
});
