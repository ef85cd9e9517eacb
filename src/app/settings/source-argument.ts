/** What `-` on the command line becomes before parsing, where a bare dash is dropped from lists: standard input or output. */
export const standardStream = '\u0000-';

/** The events that AWS keeps for 90 days, as a source. */
export const eventHistorySource = 'event-history';

/** How a table in Athena begins. */
export const inAthena = 'athena://';

/** Whether a SOURCE argument is none of this machine's files. */
export const isFar = (source: string): boolean => /^\w+:\/\//.test(source) || source === eventHistorySource;
