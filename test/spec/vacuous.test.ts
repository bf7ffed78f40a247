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
  'echo ok > /dev/null 2>&1',
  'echo ok >> /tmp/log',
  'echo "1 < 2 > /dev/tcp/a/1"',
  'echo <<< ok',
  'true < /dev/null',
  'true <&0',
  'echo > /dev/tcp/127.0.0.1/8080 || true',
  String.raw`echo a \< b`,
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
  'echo > /dev/tcp/127.0.0.1/8080',
  'echo >/dev/udp/localhost/53',
  'true &>/dev/tcp/localhost/80',
  'echo ok >> "/dev/tcp/$HOST/80"',
  'echo > $TARGET',
  'true < /dev/tcp/127.0.0.1/8080',
  'true <>/dev/tcp/127.0.0.1/8080',
  'echo ok </run/ready',
  'trueish',
  'exit',
])('%s can fail', (script) => expect(shell(script)).toBeUndefined());

test('a program is looked at without a shell, and a shell that is named is looked into', () => {
  expect(vacuousTest(['CMD', 'echo', 'ok', '||', 'x'])).toBe('echo ok || x');
  expect(vacuousTest(['CMD', 'python', '-c', "print('OK')"])).toBe("python -c print('OK')");
  expect(vacuousTest(['CMD', 'bash', '-c', 'echo > /dev/tcp/127.0.0.1/8080'])).toBeUndefined();
  expect(vacuousTest(['CMD', 'echo', '>', '/dev/tcp/127.0.0.1/8080'])).toBe('echo > /dev/tcp/127.0.0.1/8080');
  expect(vacuousTest(['CMD', 'exit', '0'])).toBeUndefined();
  expect(vacuousTest(['CMD', 'pg_isready'])).toBeUndefined();
  expect(vacuousTest(['CMD', '/bin/bash', '-c', 'pg_isready; true'])).toBe('/bin/bash -c pg_isready; true');
});

test('where only times are set, the command is the image’s own', () => {
  expect(vacuousTest()).toBeUndefined();
  expect(vacuousTest(['NONE'])).toBeUndefined();
});
