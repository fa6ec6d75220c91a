/** Sysctl file with the TCP timeout. */
export const SILENCE_FILE = '/etc/sysctl.d/60-mothership.conf';
export const SILENCE_SETTING = 'net.ipv4.tcp_retries2';
/** Current kernel value. */
export const SILENCE_NOW = `/proc/sys/${SILENCE_SETTING.replaceAll('.', '/')}`;

/**
 * Number of TCP retransmissions before a connection fails: 13 s in a nearby network, where Linux's default of 15 takes
 * a quarter of an hour. Managers forward task states to the leader over one connection, which after the leader was cut
 * off would keep retrying, and tasks seem not to start (swarmkit sets no timeout). Containers have their own network
 * stack and setting. Source: tcp(7), RFC 6298.
 */
export const SILENCE_RETRIES = 5;

export const silenceSettings =
  '# Written by Mothership: give up sooner on connections to a machine that was cut ' +
  `off.\n${SILENCE_SETTING} = ${SILENCE_RETRIES}\n`;
