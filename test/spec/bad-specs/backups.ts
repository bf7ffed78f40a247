import { api, type BadSpec, unit } from './shapes';

const stored = (yaml: string) => `${yaml}\nbackups: { folder: /srv/backups }\n`;

export const badBackups: BadSpec[] = [
  {
    name: 'a backup without a place',
    yaml: api('backup: [{ redis: {} }]'),
    message:
      'belay.yaml:5:14 services.api.backup[0]: has no place to go to — write backups: { folder: /srv/backups } beside services',
  },
  {
    name: 'a backup of nothing',
    yaml: stored(api('backup: [{ keep: 3 }]')),
    message:
      'belay.yaml:5:14 services.api.backup[0]: is not one backup — write exactly one of postgres, postgres_base, mysql, redis, qdrant, volume, folder, files',
  },
  {
    name: 'two backups of one thing',
    yaml: stored(api('backup: [{ redis: {} }, { redis: {}, keep: 3 }]')),
    message: 'belay.yaml:5:29 services.api.backup[1]: is of the same thing as another one — leave one of the two out',
  },
  {
    name: 'two backups that would have one folder in the store',
    yaml: stored(api('backup: [{ folder: { path: /a/b-c } }, { folder: { path: /a/b/c } }]')),
    message:
      'belay.yaml:5:44 services.api.backup[1]: has the same folder in the store as another one, as their names differ in signs alone — give one another name, or back up a folder above both',
  },
  {
    name: 'a writer that is no service',
    yaml: stored(api('backup: [{ redis: {}, writers: [ap] }]')),
    message: 'belay.yaml:5:37 services.api.backup[0].writers[0]: there is no service ap — did you mean api?',
  },
  {
    name: 'a backup of a database in a unit',
    yaml: stored(unit('backup: [{ postgres: {} }]')),
    message:
      'belay.yaml:6:16 services.worker.backup[0].postgres: is read in a container, and this service is a unit — write folder or files instead',
  },
  {
    name: 'a closed backup that is verified without an identity',
    yaml: stored(api('backup: [{ redis: {}, encrypt: [age1x], verify: { query: DBSIZE } }]')),
    message:
      'belay.yaml:5:45 services.api.backup[0].verify: cannot read what encrypt has closed — write the file of an identity of age in backups, as identity: /root/age.txt; or leave verify out',
  },
  {
    name: 'a place that is two',
    yaml: `${api('keep: 3')}\nbackups: { folder: /a, rclone: "b:" }\n`,
    message: 'belay.yaml:7:10 backups: is not one place — write exactly one of folder, rclone',
  },
  {
    name: 'a server as a place',
    yaml: `${api('keep: 3')}\nbackups: { rclone: ":sftp,host=a:b" }\n`,
    message:
      "belay.yaml:7:20 backups.rclone: is not a remote of rclone — write its name in the host's configuration, such as offsite:shop",
  },
  {
    name: 'a time that cron does not know',
    yaml: `${api('keep: 3')}\nbackups: { folder: /a, schedule: { backup: daily } }\n`,
    message:
      "belay.yaml:7:44 backups.schedule.backup: is not a time of cron — write minute, hour, day, month and weekday, such as '0 3 * * *'",
  },
  {
    name: 'a time that Temporal would cut off',
    yaml: `${api('keep: 3')}\nbackups: { folder: /a, schedule: { drill: "0 3 * * 1#1" } }\n`,
    message:
      "belay.yaml:7:43 backups.schedule.drill: is not a time of cron — write minute, hour, day, month and weekday, such as '0 3 * * *'",
  },
  {
    name: 'an unknown time zone',
    yaml: `${api('keep: 3')}\nbackups: { folder: /a, schedule: { time_zone: Europe/Berln } }\n`,
    message: 'belay.yaml:7:47 backups.schedule.time_zone: is not a time zone — write its name, such as Europe/Berlin',
  },
  {
    name: 'a place by a relative path',
    yaml: `${api('keep: 3')}\nbackups: { folder: backups }\n`,
    message: 'belay.yaml:7:20 backups.folder: is not a path — write one that starts with /, such as /srv/uploads',
  },
  {
    name: 'a backup of an unknown service',
    yaml: stored(api('backup: [{ service: apo, redis: {} }]')),
    message: 'belay.yaml:5:25 services.api.backup[0].service: there is no service apo — did you mean api?',
  },
  {
    name: 'a backup of one thing by two services',
    yaml: stored(`${api('backup: [{ service: db, redis: {} }]')}  db: { image: redis:7, backup: [{ redis: {} }] }\n`),
    message: 'belay.yaml:6:34 services.db.backup[0]: is of the same thing as another one — leave one of the two out',
  },
  {
    name: 'a question to files',
    yaml: stored(api('backup: [{ folder: { path: /srv/a }, verify: { query: . } }]')),
    message:
      'belay.yaml:5:52 services.api.backup[0].verify.query: asks files, which are only read and counted — write verify: {}',
  },
];
