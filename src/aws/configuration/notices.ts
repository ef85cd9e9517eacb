/** Told what a person should know of requests to AWS, a line each: what is waited for, whose credentials are used. */
export const notices: { tell: (line: string) => void } = { tell: () => {} };
