import { configFormat } from '../../src/spec/config-format';

test.each([
  ['.env', 'env'],
  ['.env.staging', 'env'],
  ['shop.env', 'env'],
  ['deploy/api.env.local', 'env'],
  ['config/shop.yml', 'yaml'],
  ['.env.yaml', 'yaml'],
  ['shop.toml', 'toml'],
  ['settings.jsonc', 'json'],
  ['shop.ini', undefined],
  ['environment', undefined],
  ['env.d/shop', undefined],
])('%s is read as %s', (file, format) => expect(configFormat(file)).toBe(format));
