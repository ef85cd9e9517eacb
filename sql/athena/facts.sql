-- The records of some days, folded: one row for each fact and day. What decides permissions stays, as in
-- src/cloudtrail/reduce.ts and principal.ts, whose patterns are filled in here; secrets, bodies and free text do not leave
-- Athena. It may keep more than the local reduction, never less: rows are reduced again when they are loaded.
WITH stored AS (
  SELECT {{columns}}, "$path" AS path FROM {{table}} WHERE {{window}}
),
told AS (
  SELECT *,
    CASE WHEN shared_event_id <> '' THEN 'shared' END AS shared,
    CASE WHEN identity_type = 'AWSService' AND regexp_like(address, '\.amazonaws\.com$') THEN address END AS service,
    CASE WHEN read_only = 'true' OR error_code <> '' OR lower(event_source) IN ({{answerless}}) THEN NULL ELSE response END AS answer,
    CASE WHEN regexp_like(additional, '^\s*\{') THEN json_extract_scalar(additional, '$.SSEApplied') END AS sse,
    CASE WHEN regexp_like(event_time, '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$') THEN substr(event_time, 1, 10) ELSE event_time END AS day,
    nullif(regexp_extract(path, '(?:^|/)([0-9]{12}_CloudTrail_[a-z0-9-]+_[0-9]{8})T[0-9]{4}Z_[A-Za-z0-9]+\.json(?:\.gz)?$', 1), '') AS delivered,
    json_format(CAST(ARRAY[
      endpoint,
      CASE
        WHEN regexp_like(address, '^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$') THEN regexp_extract(address, '^\d+\.\d+\.\d+') || '.0'
        WHEN regexp_like(address, '^[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:') THEN
          regexp_extract(lower(address), '^[0-9a-f]+:[0-9a-f]+:[0-9a-f]+') || '::'
      END,
      tls,
      mfa,
      CASE WHEN regexp_like(access_key, '^AKIA') THEN access_key END,
      CASE
        WHEN event_name = 'ConsoleLogin' AND regexp_like(response, '^\s*\{') AND regexp_like(additional, '^\s*\{')
          AND json_extract_scalar(response, '$.ConsoleLogin') = 'Success'
        THEN json_extract_scalar(additional, '$.MFAUsed')
      END
    ] AS JSON)) AS circumstance,
    json_format(CAST(ARRAY[coalesce(event_time, ''), coalesce(event_id, '')] AS JSON)) AS first_event
  FROM stored
),
-- What is alike is counted before it is taken apart, which takes most of the time.
event AS (
  SELECT identity_type, arn, principal_id, account_id, user_name, invoked_by, identity_provider, on_behalf_of, source_identity,
    issuer_type, issuer_id, issuer_arn, issuer_account, issuer_name, event_source, event_name, event_type, event_category,
    management_event, read_only, region, account, error_code, error_message, shared, service, request, answer, sse, resources,
    day, delivered, circumstance, count(*) AS times, min(first_event) AS first_event
  FROM told
  GROUP BY identity_type, arn, principal_id, account_id, user_name, invoked_by, identity_provider, on_behalf_of, source_identity,
    issuer_type, issuer_id, issuer_arn, issuer_account, issuer_name, event_source, event_name, event_type, event_category,
    management_event, read_only, region, account, error_code, error_message, shared, service, request, answer, sse, resources,
    day, delivered, circumstance
),
-- The session's name, from the session's ARN or after the colon of its principal ID, and where it begins in the ARN. The one
-- name of unbounded variety (fold.ts) in the request, and the end of the ARN that repeats it.
named AS (
  SELECT *,
    nullif(regexp_extract(arn, '^arn:[^:]*:sts:[^:]*:[^:]*:(?:assumed-role/[^/]*|assumed-root[^/]*)/'), '') AS session_arn,
    strpos(principal_id, ':') AS colon,
    CASE
      WHEN NOT coalesce(regexp_like(request, '^\s*\{'), false) THEN NULL
      WHEN regexp_like(request, '"(?:Key|logStreamName|x-amz-copy-source)"\s*:') THEN
        CASE WHEN regexp_like(request, '"logStreamName"\s*:\s*"') AND NOT regexp_like(request, '"(?:key|Key|x-amz-copy-source)"\s*:') THEN 'logStreamName' END
      WHEN regexp_like(request, '"key"\s*:\s*"') THEN 'key'
    END AS leaf,
    CASE WHEN regexp_like(request, '^\s*\{') AND strpos(request, '"bucketName"') > 0 THEN
      ':s3:::' || nullif(json_extract_scalar(request, '$.bucketName'), '') || '/' || nullif(json_extract_scalar(request, '$.key'), '')
    END AS own_object
  FROM event
),
-- Machine-made parts of session names, as principal.ts replaces them in its first round.
shaped AS (
  SELECT *,
    array_join(regexp_split(array_join(transform(
      regexp_extract_all(
        array_join(regexp_split(
          substr(CASE WHEN session_arn IS NULL THEN substr(principal_id, colon + 1) ELSE substr(arn, length(session_arn) + 1) END, 1, 64),
          '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'), '#'),
        '[A-Za-z0-9]+|[^A-Za-z0-9]+'),
      part -> CASE WHEN regexp_like(part, '^[0-9a-fA-F]{8,}$') AND regexp_like(part, '[0-9]') THEN '#' ELSE part END),
      ''), '[0-9]{6,}'), '#') AS session,
    transform(
      resources,
      resource -> CASE WHEN coalesce(substr(resource[1], -length(own_object)) = own_object, false) THEN ARRAY[NULL, NULL, resource[3], resource[4]] ELSE resource END
    ) AS others
  FROM named
),
-- Whether the name can be taken out of the request: text, and not in another ARN.
leaves AS (
  SELECT *,
    json_format(CAST(others AS JSON)) AS resource_list,
    CASE
      WHEN regexp_like(json_format(CAST(others AS JSON)), ':s3:::[^/"]+/|:log-stream:') THEN NULL
      -- What is no text looks like one here; it is left where it is.
      WHEN coalesce(json_extract_scalar(request, '$.key'), json_extract_scalar(request, '$.logStreamName')) IN ('true', 'false') THEN NULL
      WHEN leaf = 'key' AND length(json_extract_scalar(request, '$.key')) BETWEEN 1 AND 2048 THEN json_extract_scalar(request, '$.key')
      WHEN leaf = 'logStreamName' AND length(json_extract_scalar(request, '$.logStreamName')) BETWEEN 1 AND 2048 THEN
        json_extract_scalar(request, '$.logStreamName')
    END AS name
  FROM shaped
),
-- The members of request and response, reduced token by token. A token is (kind, rules, text); its rules are one letter for
-- each place it may stand in: among members, among tags, among PartiQL statements, outermost. The state is (the rules of what is open,
-- innermost first; the rule of what comes next, with the name before it; the JSON so far). Rules: d drop, x drop but keep the
-- name, k keep, o keep but no structure, p presence, w walk, t tags, n a tag's place in a list, r a type of resource,
-- s statement, i map by names, c as around it, h the name that is taken out (only among the outermost members).
reduced AS (
  SELECT *,
    transform(
      ARRAY[
        ARRAY[request, CASE WHEN name IS NULL THEN '' ELSE '"' || leaf || '"' END],
        ARRAY[answer, '']
      ],
      body -> CASE
        WHEN body[1] IS NULL OR regexp_like(body[1], '^\s*(?:\[|null\s*$|$)') THEN NULL
        WHEN NOT regexp_like(body[1], '^\s*\{') THEN '"hidden"'
        -- No text may have over 1,048,576 bytes on its way; CloudTrail delivers at most 262,144 of a record.
        WHEN length(body[1]) > 262144 THEN '"too long"'
        ELSE reduce(
          transform(
            transform(
              regexp_extract_all(body[1], '"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?|[{}\[\],]|[^\s{}\[\],:"]+'),
              -- As written and, of a name with escapes, as what it stands for.
              token -> ARRAY[token, CASE
                WHEN regexp_like(token, '^".*\\.*:$') THEN
                  coalesce('"' || replace(json_extract_scalar(regexp_extract(token, '".*"'), '$'), '"', '''') || '":', token)
                ELSE token
              END]),
            token -> CAST(CASE
              WHEN regexp_like(token[2], '":$|"\s+:$') THEN ROW(
                'name',
                CASE
                  WHEN regexp_like(token[2], '^""|^"(?:key|Key|keys|Keys)"') OR length(token[2]) > 259 THEN
                    CASE WHEN regexp_like(token[2], '^"[kK]') AND length(token[2]) < 12 THEN 'o' ELSE 'd' END
                  WHEN regexp_like(token[2], '^"[rR]equestItems"') THEN 'i'
                  WHEN regexp_like(token[2], '^"(?:statement|statements|Statement)"') THEN 's'
                  WHEN regexp_like(token[2], '^"(?:omitted|x-amz-acl|operation)"') THEN 'k'
                  WHEN regexp_like(token[2], '^"content"') THEN 'c'
                  WHEN regexp_like(token[2], '^"tag"') THEN 'n'
                  WHEN regexp_like(lower(regexp_extract(token[2], '"(.*)"', 1)), {{dropped}})
                    AND NOT regexp_like(lower(token[2]), 'arn"') THEN 'd'
                  WHEN regexp_like(lower(regexp_extract(token[2], '"(.*)"', 1)), {{tagging}}) THEN 't'
                  WHEN regexp_like(lower(regexp_extract(token[2], '"(.*)"', 1)), {{bodies}}) THEN 'p'
                  WHEN regexp_like(lower(regexp_extract(token[2], '"(.*)"', 1)), {{identifying}}) THEN 'k'
                  WHEN regexp_like(lower(regexp_extract(token[2], '"(.*)"', 1)), {{deciding}}) THEN 'p'
                  ELSE 'w'
                END
                || CASE WHEN regexp_like(token[2], '^"[rR]esourceType"') THEN 'r' WHEN regexp_like(token[2], '^"items"') THEN 't' ELSE 'd' END
                || CASE WHEN regexp_like(token[2], '^"[sS]tatement"') THEN 's' ELSE 'd' END
                || CASE WHEN regexp_extract(token[2], '".*"') = body[2] THEN 'h' ELSE '' END,
                regexp_extract(token[1], '".*"') || ':')
              WHEN token[2] IN ('{', '[') THEN ROW('open', '', token[1])
              WHEN token[2] IN ('}', ']') THEN ROW('close', '', token[1])
              WHEN token[2] = ',' THEN ROW('comma', '', token[1])
              WHEN token[2] = 'null' THEN ROW('null', '', token[1])
              WHEN token[2] IN ('true', 'false') THEN ROW('flag', '', token[1])
              WHEN token[2] = '""' THEN ROW('empty', '', token[1])
              WHEN regexp_like(token[2], '^"arn:') THEN ROW('arn', '', token[1])
              WHEN regexp_like(token[2], '^"') THEN ROW('text', '', token[1])
              ELSE ROW('number', '', token[1])
            END AS ROW(place varchar, rule varchar, written varchar))),
          CAST(ROW('', 'w', '') AS ROW(place varchar, rule varchar, written varchar)),
          (state, token) -> CAST(CASE
            WHEN token.place = 'name' THEN ROW(
              state.place,
              CASE substr(state.place, 1, 1)
                WHEN 'd' THEN 'd'
                WHEN 'i' THEN 'x'
                WHEN 't' THEN substr(token.rule, 2, 1)
                -- PartiQL, or what WAF calls a statement: a structure like any other.
                WHEN 's' THEN CASE
                  WHEN substr(token.rule, 3, 1) = 's' THEN 's'
                  WHEN substr(token.rule, 1, 1) = 'c' THEN 'w' ELSE substr(token.rule, 1, 1) END
                ELSE CASE
                  WHEN length(state.place) = 1 AND substr(token.rule, 4, 1) = 'h' THEN 'h'
                  WHEN substr(token.rule, 1, 1) = 'c' THEN substr(state.place, 1, 1) ELSE substr(token.rule, 1, 1) END
              END || token.written,
              state.written)
            WHEN token.place = 'open' THEN ROW(
              CASE
                WHEN substr(state.rule, 1, 1) IN ('x', 'o', 'r') THEN 'd'
                WHEN substr(state.rule, 1, 1) = 'n' THEN 't'
                WHEN substr(state.rule, 1, 1) = 'i' AND token.written = '[' THEN 'w'
                ELSE substr(state.rule, 1, 1)
              END || state.place,
              CASE
                WHEN substr(state.rule, 1, 1) IN ('x', 'o', 'r') THEN 'd'
                WHEN substr(state.rule, 1, 1) = 'n' THEN 't'
                WHEN substr(state.rule, 1, 1) = 'i' AND token.written = '[' THEN 'w'
                ELSE substr(state.rule, 1, 1)
              END,
              CASE
                WHEN substr(state.place, 1, 1) = 'd' THEN state.written
                WHEN substr(state.rule, 1, 1) = 'd' THEN state.written || '"":null'
                WHEN substr(state.rule, 1, 1) IN ('x', 'o', 'r') THEN state.written || substr(state.rule, 2) || 'null'
                ELSE state.written || substr(state.rule, 2) || token.written
              END)
            WHEN token.place = 'close' THEN ROW(
              substr(state.place, 2),
              substr(state.place, 2, 1),
              CASE WHEN substr(state.place, 1, 1) = 'd' THEN state.written ELSE state.written || token.written END)
            WHEN substr(state.place, 1, 1) = 'd' THEN ROW(state.place, state.rule, state.written)
            WHEN token.place = 'comma' THEN ROW(state.place, state.rule, state.written || ',')
            ELSE ROW(
              state.place,
              state.rule,
              state.written || CASE
                WHEN substr(state.rule, 1, 1) = 'd' THEN
                  CASE
                    WHEN length(state.rule) > 1 AND regexp_like(token.written, '^"arn:[a-z-]+:iam::[0-9]{12}:role/[\w+=,.@/-]+"$')
                    THEN substr(state.rule, 2) || token.written
                    ELSE '"":null'
                  END
                WHEN substr(state.rule, 1, 1) = 'h' THEN substr(state.rule, 2) || 'true'
                ELSE substr(state.rule, 2) || CASE
                  WHEN token.place = 'null' THEN 'null'
                  WHEN substr(state.rule, 1, 1) IN ('k', 'o') THEN CASE WHEN length(token.written) > 12290 THEN 'true' ELSE token.written END
                  WHEN substr(state.rule, 1, 1) = 'p' THEN CASE WHEN token.place IN ('arn', 'flag') THEN token.written ELSE 'true' END
                  WHEN substr(state.rule, 1, 1) = 'r' AND token.place IN ('text', 'arn', 'empty') THEN token.written
                  WHEN substr(state.rule, 1, 1) = 'n' AND token.place = 'number' THEN token.written
                  WHEN substr(state.rule, 1, 1) IN ('t', 'n', 'r') THEN CASE WHEN token.place = 'empty' THEN token.written ELSE 'true' END
                  WHEN substr(state.rule, 1, 1) = 's' AND token.place IN ('text', 'arn') THEN
                    '"' || coalesce(
                      nullif(regexp_extract(json_extract_scalar(token.written, '$'), '^\s*(?i:(select|insert|update|delete|exists))\b', 1), '')
                      || coalesce(', from \"' || nullif(regexp_extract(json_extract_scalar(token.written, '$'), {{partiql}}, 1), '') || '\"', '')
                      || coalesce('.\"' || nullif(regexp_extract(json_extract_scalar(token.written, '$'), {{partiql}}, 2), '') || '\"', ''),
                      '-') || '"'
                  WHEN substr(state.rule, 1, 1) = 's' AND token.place = 'empty' THEN token.written
                  WHEN substr(state.rule, 1, 1) = 's' THEN 'false'
                  WHEN token.place = 'arn' AND substr(state.rule, 1, 1) IN ('w', 'i') THEN token.written
                  ELSE 'null'
                END
              END)
          END AS ROW(place varchar, rule varchar, written varchar)),
          state -> state.written)
      END) AS bodies
  FROM leaves
),
-- Each record as its fact, in the order of `columns` in src/cloudtrail/fact-row.ts.
fact AS (
  SELECT
    json_format(CAST(ARRAY[
      identity_type,
      CASE WHEN session_arn IS NULL THEN arn ELSE session_arn || session END,
      CASE
        WHEN colon = 0 THEN principal_id
        WHEN session_arn IS NULL THEN substr(principal_id, 1, colon) || session
        ELSE substr(principal_id, 1, colon - 1)
      END,
      account_id,
      CASE WHEN identity_type IN ('SAMLUser', 'WebIdentityUser') AND identity_provider <> '' THEN NULL ELSE user_name END,
      invoked_by,
      identity_provider,
      CASE WHEN identity_type = 'IdentityCenterUser' THEN on_behalf_of END,
      source_identity,
      issuer_type, issuer_id, issuer_arn, issuer_account, issuer_name,
      event_source, event_name, event_type, event_category, management_event, read_only, region, account, error_code,
      shared,
      service,
      bodies[1], bodies[2],
      sse,
      resource_list,
      CASE WHEN name IS NULL THEN NULL ELSE leaf END,
      -- What AWS says of a refusal, with '=' for the principal; of a text that was cut, up to its action (src/cloudtrail/refusal.ts).
      CASE
        WHEN NOT coalesce(error_code <> '' AND strpos(error_message, 'User: ' || arn || {{notAuthorized}}) > 0, false) THEN NULL
        WHEN length(error_message) >= {{maxMessage}} THEN
          rpad(
            substr(error_message, 1, strpos(error_message, 'User: ' || arn || {{notAuthorized}}) + 5) || '=' || {{notAuthorized}} ||
            regexp_extract(
              substr(error_message, strpos(error_message, 'User: ' || arn || {{notAuthorized}}) + length('User: ' || arn || {{notAuthorized}})),
              '^[A-Za-z0-9-]+:[A-Za-z0-9]+'),
            {{maxMessage}}, ' ')
        ELSE
          substr(error_message, 1, strpos(error_message, 'User: ' || arn || {{notAuthorized}}) + 5) || '=' ||
          regexp_replace(
            substr(error_message, strpos(error_message, 'User: ' || arn || {{notAuthorized}}) + length('User: ' || arn)),
            '\.? Encoded authorization failure message: \S*$', '')
      END
    ] AS JSON)) AS fact,
    name, day, delivered, circumstance, times, first_event
  FROM reduced
),
counted AS (
  SELECT fact, name, day, delivered, circumstance, sum(times) AS calls, min(first_event) AS first_event
  FROM fact
  GROUP BY fact, name, day, delivered, circumstance
),
-- The names of a kind of call in a day, sorted by folders: how many levels each shares with the name before it. Cut at level n,
-- as many distinct names are left as there are rows that share fewer than n levels.
sorted AS (
  SELECT *, lag(name) OVER (PARTITION BY fact, day, delivered ORDER BY split(name, '/')) AS previous
  FROM counted
),
shared AS (
  SELECT *,
    CASE
      WHEN name IS NULL OR previous = name THEN 1000000
      WHEN previous IS NULL THEN -1
      ELSE least(
        cardinality(split(name, '/')) - 1,
        cardinality(split(previous, '/')) - 1,
        cardinality(filter(
          sequence(1, least(cardinality(split(name, '/')), cardinality(split(previous, '/')))),
          n -> slice(split(name, '/'), 1, n) = slice(split(previous, '/'), 1, n))))
    END AS levels
  FROM sorted
),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY fact, day, delivered ORDER BY levels) AS rank
  FROM shared
),
-- The deepest level that leaves at most {{maxNames}} names; none where there are no more of them.
cut AS (
  SELECT *, nullif(max(CASE WHEN rank = {{maxNames}} + 1 THEN levels END) OVER (PARTITION BY fact, day, delivered), 1000000) AS level
  FROM ranked
),
folded AS (
  SELECT fact, day, delivered, circumstance, calls, first_event,
    CASE
      WHEN level IS NULL OR cardinality(split(name, '/')) <= level THEN name
      WHEN level = 0 THEN ''
      ELSE array_join(slice(split(name, '/'), 1, level), '/') || '/'
    END AS name,
    CASE WHEN cardinality(split(name, '/')) > level THEN level END AS depth
  FROM cut
)
SELECT
  fact, name, depth, delivered,
  json_format(CAST(array_agg(DISTINCT circumstance) AS JSON)) AS circumstances,
  sum(calls) AS calls,
  min(first_event) AS first_event
FROM folded
GROUP BY fact, day, name, depth, delivered
