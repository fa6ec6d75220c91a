/** Where a machine keeps how soon it gives up on another that says nothing. */
export const SILENCE_FILE = '/etc/sysctl.d/60-mothership.conf';
export const SILENCE_SETTING = 'net.ipv4.tcp_retries2';
/** What its kernel holds now. */
export const SILENCE_NOW = `/proc/sys/${SILENCE_SETTING.replaceAll('.', '/')}`;

/**
 * How often what was sent is sent again before a connection counts as broken: 13 s in a nearby network, where Linux's own
 * 15 take a quarter of an hour. A manager passes what its tasks do on to the leader over one connection, and goes on doing
 * so after the leader's machine was cut off; what runs there then seems not to start (swarmkit sets no limit of its own).
 * Containers have a network stack of their own, and its setting. Source: tcp(7), RFC 6298.
 */
export const SILENCE_RETRIES = 5;

export const silenceSettings = `# Written by Mothership: give up sooner on connections to a machine that was cut off.\n${SILENCE_SETTING} = ${SILENCE_RETRIES}\n`;
