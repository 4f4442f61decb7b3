/**
 * Loaded ahead of the processes of a device or site (NODE_OPTIONS=--import …): SIGUSR2 starts a loop in agent and broker
 * that never ends, as a bug in any of their parts would. All others go on as ever.
 */
if (/\/(agent|broker)\/main\.ts$/.test(process.argv[1] ?? '')) {
  process.on('SIGUSR2', () => {
    for (;;);
  });
}
