import type { BadSpec } from './shapes';

/** Files that are not YAML, or not the YAML that Belay reads. */
export const badSyntax: BadSpec[] = [
  {
    name: 'an empty file',
    yaml: '',
    message: 'belay.yaml:1:1 the file is empty — write platform and services, or let `belay init` write them',
  },
  {
    name: 'a file of comments',
    yaml: `# to do
`,
    message: 'belay.yaml:1:1 the file is empty — write platform and services, or let `belay init` write them',
  },
  {
    name: 'a list',
    yaml: `- api
`,
    message: 'belay.yaml:1:1 is not a mapping — write key: value',
  },
  {
    name: 'plain text',
    yaml: `shop
`,
    message: 'belay.yaml:1:1 is not a mapping — write key: value',
  },
  {
    name: 'a quote that is not closed',
    yaml: `platform: "shop
`,
    message: 'belay.yaml:2:1 is not YAML: Missing closing "quote',
  },
  {
    name: 'a tab as indentation',
    yaml: `platform: shop
services:
	api: {}
`,
    message: 'belay.yaml:3:1 is not YAML: Tabs are not allowed as indentation',
  },
  {
    name: 'a list that is not closed',
    yaml: `platform: shop
services: [api
`,
    message:
      'belay.yaml:3:1 is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
  },
  {
    name: 'a key written twice',
    yaml: `platform: shop
services:
  api: { image: shop/api:1 }
platform: other
`,
    message: 'belay.yaml:4:1 platform: is written twice — keep one of them',
  },
  {
    name: 'a service written twice',
    yaml: `platform: shop
services:
  api: { image: shop/api:1 }
  api: { image: shop/api:2 }
`,
    message: 'belay.yaml:4:3 services.api: is written twice — keep one of them',
  },
  {
    name: 'a second document',
    yaml: `platform: shop
services:
  api: { image: shop/api:1 }
---
platform: other
`,
    message: 'belay.yaml:5:1 a second document begins here — keep one, and remove the line ---',
  },
  {
    name: 'an alias without an anchor',
    yaml: `platform: *name
services:
  api: { image: shop/api:1 }
`,
    message: 'belay.yaml:1:11 platform: there is no anchor &name before this — write the value itself',
  },
  {
    name: 'an alias within its own anchor',
    yaml: `platform: shop
services: &all
  api: *all
`,
    message: 'belay.yaml:3:8 services.api: refers to its own parent — write the value itself',
  },
  {
    name: 'a merge key',
    yaml: `platform: shop
services:
  api: &one { image: shop/api:1 }
  web: { <<: *one, image: shop/web:1 }
`,
    message: 'belay.yaml:4:10 services.web["<<"]: merge keys are not read — write the keys out',
  },
  {
    name: 'a tag',
    yaml: `platform: !env shop
services:
  api: { image: shop/api:1 }
`,
    message: 'belay.yaml:1:11 uses a tag that is not read here (Unresolved tag: !env) — write the value without a tag',
  },
  {
    name: 'a key that is a list',
    yaml: `? [a, b]
: 1
platform: shop
services:
  api: { image: shop/api:1 }
`,
    message: 'belay.yaml:1:1 has a key that is not text — write key: value',
  },
  {
    name: 'the name of a prototype',
    yaml: `platform: shop
services:
  api: { image: shop/api:1 }
  __proto__: { image: shop/api:1 }
`,
    message: 'belay.yaml:4:3 services.__proto__: is not a name that can be used — choose another',
  },
];
