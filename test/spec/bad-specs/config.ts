import { api, type BadSpec, lines, top } from './shapes';

const config = (file: string, rules: string): string => top(`config:\n  ${file}: { ${rules} }`);

/** Configuration files and rules that contradict each other. */
export const badConfig: BadSpec[] = [
  {
    name: 'a configuration file in another folder',
    yaml: config('/etc/shop.env', 'from: .env.example'),
    message: 'belay.yaml:2:3 config["/etc/shop.env"]: is not a file of this folder — write its name, such as .env',
  },
  {
    name: 'an example in another folder',
    yaml: config('.env', 'from: ../.env.example'),
    message: 'belay.yaml:2:17 config[".env"].from: is not a file of this folder — write its name, such as .env',
  },
  {
    name: 'a configuration file without an example',
    yaml: config('.env', 'was: old.env'),
    message:
      'belay.yaml:2:3 config[".env"].from: is missing — write from: … (The example of the version to be released, such as .env.example; of the same format as the file)',
  },
  {
    name: 'a configuration file of an unknown format',
    yaml: config('shop.ini', 'from: shop.ini.example'),
    message:
      'belay.yaml:2:3 config["shop.ini"]: has a format that Belay does not know — name a file that ends in .env, .yaml, .toml or .json',
  },
  {
    name: 'a configuration file that is its own example',
    yaml: config('.env', 'from: ./.env'),
    message: 'belay.yaml:2:17 config[".env"].from: is the file itself — name its example, such as .env.example',
  },
  {
    name: 'an example in an image by a relative path',
    yaml: config('.env', 'image: api, from: .env.example'),
    message:
      'belay.yaml:2:29 config[".env"].from: is no path in an image — write one that begins with /, such as /app/.env.example, or leave image out',
  },
  {
    name: 'an example in the image of an unknown service',
    yaml: config('.env', 'image: apo, from: /app/.env.example'),
    message: 'belay.yaml:2:18 config[".env"].image: there is no service apo — did you mean api?',
  },
  {
    name: 'an example by a path of an image without an image',
    yaml: config('.env', 'from: /app/.env.example'),
    message: 'belay.yaml:2:17 config[".env"].from: is not a file of this folder — write its name, such as .env',
  },
  {
    name: 'two rules for a key',
    yaml: config(
      '.env',
      'from: e.env, rename: { A: B, C: B, D: E }, drop: [A, E], set: { A: 1 }, from_secret: { A: /s }',
    ),
    message: lines(
      'belay.yaml:2:43 config[".env"].rename.C: B is the new name of another key — give each key a name of its own',
      'belay.yaml:2:49 config[".env"].rename.D: E is renamed or dropped itself — write the last name',
      'belay.yaml:2:61 config[".env"].drop[0]: A stands in rename too — give each key one rule',
      'belay.yaml:2:78 config[".env"].set.A: A stands in drop too — give each key one rule',
      'belay.yaml:2:101 config[".env"].from_secret.A: A stands in set too — give each key one rule',
    ),
  },
  {
    name: 'a number with a fraction in an env file',
    yaml: config('.env', 'from: e.env, set: { V: 1.10 }'),
    message:
      'belay.yaml:2:34 config[".env"].set.V: takes text in an env file, not the number 1.1 — write "1.1", with all its digits',
  },
  {
    name: 'a list as a value',
    yaml: config('.env', 'from: e.env, set: { V: [1] }'),
    message: 'belay.yaml:2:34 config[".env"].set.V: is not a value — write text, a number, true or false',
  },
  {
    name: 'a copy of what is in another folder',
    yaml: api('config: [{ path: ../config, mount: /app/config }]'),
    message:
      'belay.yaml:5:22 services.api.config[0].path: is not in this folder — write its path from here, such as ./config',
  },
  {
    name: 'a copy at a relative path',
    yaml: api('config: [{ path: ./config, mount: app }]'),
    message: 'belay.yaml:5:39 services.api.config[0].mount: is not an absolute path — write one that starts with /',
  },
  {
    name: 'an unknown way with unset keys',
    yaml: config('.env', 'from: e.env, unset: ignore'),
    message: 'belay.yaml:2:31 config[".env"].unset: takes one of refuse, keep, default, not "ignore"',
  },
];
