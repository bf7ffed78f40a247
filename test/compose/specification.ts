/** Attributes of the Compose specification, members included, by the part of a file that they stand in. */
export const specification: Record<string, string> = {
  services: `annotations attach blkio_config.device_read_bps blkio_config.device_read_iops blkio_config.device_write_bps
    blkio_config.device_write_iops blkio_config.weight blkio_config.weight_device build cap_add cap_drop cgroup
    cgroup_parent command configs.gid configs.mode configs.source configs.target configs.uid container_name cpu_count
    cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on
    deploy.endpoint_mode deploy.labels deploy.mode deploy.placement deploy.replicas deploy.resources.limits.cpus
    deploy.resources.limits.memory deploy.resources.limits.pids deploy.resources.reservations.cpus
    deploy.resources.reservations.devices deploy.resources.reservations.generic_resources
    deploy.resources.reservations.memory deploy.restart_policy.condition deploy.restart_policy.delay
    deploy.restart_policy.max_attempts deploy.restart_policy.window deploy.rollback_config deploy.update_config develop
    device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment expose extends
    external_links extra_hosts gpus group_add healthcheck.disable healthcheck.interval healthcheck.retries
    healthcheck.start_interval healthcheck.start_period healthcheck.test healthcheck.timeout hostname image init ipc
    isolation label_file labels links logging.driver logging.options mac_address mem_limit mem_reservation
    mem_swappiness memswap_limit network_mode networks.*.aliases networks.*.driver_opts networks.*.gw_priority
    networks.*.ipv4_address networks.*.ipv6_address networks.*.link_local_ips networks.*.mac_address
    networks.*.priority oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged
    profiles pull_policy read_only restart runtime scale secrets.gid secrets.mode secrets.source secrets.target
    secrets.uid security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits
    user userns_mode uts volumes.bind.create_host_path volumes.bind.propagation volumes.bind.recursive
    volumes.bind.selinux volumes.consistency volumes.read_only volumes.source volumes.target volumes.tmpfs.mode
    volumes.tmpfs.size volumes.type volumes.volume.nocopy volumes.volume.subpath volumes_from working_dir`,
  networks: `attachable driver driver_opts enable_ipv4 enable_ipv6 external internal ipam.config ipam.driver ipam.options
    labels name`,
  volumes: 'driver driver_opts external labels name',
  secrets: 'driver driver_opts environment external file labels name template_driver',
  configs: 'content environment external file labels name template_driver',
};
