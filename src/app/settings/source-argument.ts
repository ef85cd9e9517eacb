/**
 * Standard input or output, as a command is given it: what `-` on the command line becomes before parsing, where a bare dash is
 * dropped from lists.
 */
export const standardStream = '\u0000-';

/** The events that AWS keeps for 90 days, as a source. */
export const eventHistorySource = 'event-history';

/** How a table in Athena begins. */
export const inAthena = 'athena://';

/** Whether a SOURCE argument is none of this machine's files. */
export const isFar = (source: string): boolean => /^\w+:\/\//.test(source) || source === eventHistorySource;
