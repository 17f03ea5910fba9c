WITH sided_sessions AS (
  SELECT
    *,
    0 AS side
  FROM sessions
  WHERE
    day >= :before_start
    AND day < :before_stop
    AND COALESCE(ARRAY_CONTAINS(:before_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:before_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :before_start
        AND day < :before_stop
        AND COALESCE(name = :before_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :before_start
          AND day < :before_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:before_where_2_1_key], '') = :before_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :before_where_2_2_value, FALSE)
    )
    AND COALESCE(ARRAY_CONTAINS(:before_where_3_value, release), FALSE)
  UNION ALL
  SELECT
    *,
    1 AS side
  FROM sessions
  WHERE
    day >= :after_start
    AND day < :after_stop
    AND COALESCE(ARRAY_CONTAINS(:after_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:after_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :after_start
        AND day < :after_stop
        AND COALESCE(name = :after_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :after_start
          AND day < :after_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:after_where_2_1_key], '') = :after_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :after_where_2_2_value, FALSE)
    )
    AND COALESCE(ARRAY_CONTAINS(:after_where_3_value, release), FALSE)
), scoped_sessions AS (
  SELECT
    *
  FROM sessions
  WHERE
    (
      (
        day >= :before_start
        AND day < :before_stop
        AND COALESCE(ARRAY_CONTAINS(:before_release, release), FALSE)
        AND COALESCE(ARRAY_CONTAINS(:before_device, device), FALSE)
        AND NOT session_key IN (
          SELECT
            session_key
          FROM events
          WHERE
            day >= :before_start
            AND day < :before_stop
            AND COALESCE(name = :before_where_1_value, FALSE)
        )
        AND (
          session_key IN (
            SELECT
              session_key
            FROM events
            WHERE
              day >= :before_start
              AND day < :before_stop
              AND COALESCE(
                NULLIF(FROM_JSON(properties, 'map<string,string>')[:before_where_2_1_key], '') = :before_where_2_1_value,
                FALSE
              )
          )
          OR COALESCE(duration_ms / 1e3 > :before_where_2_2_value, FALSE)
        )
        AND COALESCE(ARRAY_CONTAINS(:before_where_3_value, release), FALSE)
      )
      OR (
        day >= :after_start
        AND day < :after_stop
        AND COALESCE(ARRAY_CONTAINS(:after_release, release), FALSE)
        AND COALESCE(ARRAY_CONTAINS(:after_device, device), FALSE)
        AND NOT session_key IN (
          SELECT
            session_key
          FROM events
          WHERE
            day >= :after_start
            AND day < :after_stop
            AND COALESCE(name = :after_where_1_value, FALSE)
        )
        AND (
          session_key IN (
            SELECT
              session_key
            FROM events
            WHERE
              day >= :after_start
              AND day < :after_stop
              AND COALESCE(
                NULLIF(FROM_JSON(properties, 'map<string,string>')[:after_where_2_1_key], '') = :after_where_2_1_value,
                FALSE
              )
          )
          OR COALESCE(duration_ms / 1e3 > :after_where_2_2_value, FALSE)
        )
        AND COALESCE(ARRAY_CONTAINS(:after_where_3_value, release), FALSE)
      )
    )
), scoped AS (
  SELECT
    *
  FROM events
  WHERE
    day >= :either_start
    AND day < :either_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), goal AS (
  SELECT
    session_key AS goal_session,
    MIN(offset_ms) AS goal_ms
  FROM scoped
  WHERE
    name = :goal_name
  GROUP BY
    session_key
), measured AS (
  SELECT
    sided_sessions.*,
    first_seen,
    refusal,
    goal_ms
  FROM sided_sessions
  LEFT JOIN (
    SELECT
      user_key AS person,
      first_seen
    FROM users
  ) AS persons
    ON person = user_key
  CROSS JOIN (
    SELECT
      MAX(CASE WHEN value = :refusal THEN symbol END) AS refusal
    FROM codes
    WHERE
      kind = 'name'
  ) AS refusals
  LEFT JOIN goal
    ON goal_session = session_key
), numbers AS (
  SELECT
    user_key AS who,
    side,
    CAST(CASE WHEN NOT goal_ms IS NULL THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_1,
    CAST(CASE WHEN NOT goal_ms IS NULL THEN 1 ELSE 0 END AS DOUBLE) AS v_2,
    CASE WHEN NOT goal_ms IS NULL THEN goal_ms / 1e3 END AS v_3,
    CAST(COALESCE(value, 0e0) AS DOUBLE) AS v_4,
    CAST(CASE WHEN value > 0 THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_5,
    CAST(CASE WHEN NOT value IS NULL THEN 1 ELSE 0 END AS DOUBLE) AS v_6,
    CAST(CASE WHEN NOT value IS NULL THEN value ELSE 0e0 END AS DOUBLE) AS v_7,
    CASE WHEN NOT value IS NULL THEN value END AS v_8,
    CAST(CASE WHEN NOT bounce IS NULL THEN 1 ELSE 0 END AS DOUBLE) AS v_9,
    CAST(CASE
      WHEN NOT bounce IS NULL
      THEN CASE WHEN bounce THEN 1e0 ELSE 0e0 END
      ELSE 0e0
    END AS DOUBLE) AS v_10,
    CAST(CASE WHEN page_views = 1 THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_11,
    CAST(CASE WHEN errors > 0 THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_12,
    CAST(CAST(errors AS DOUBLE) AS DOUBLE) AS v_13,
    CAST(CASE WHEN page_views > 0 THEN 1 ELSE 0 END AS DOUBLE) AS v_14,
    CAST(CASE WHEN page_views > 0 THEN page_views ELSE 0 END AS DOUBLE) AS v_15,
    CAST(CASE WHEN page_views > 0 THEN CAST(errors AS DOUBLE) ELSE 0e0 END AS DOUBLE) AS v_16,
    CAST(CASE WHEN LOCATE(refusal, name_string) > 0 THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_17,
    CAST(CASE WHEN clicks > 0 THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_18,
    CAST(CASE WHEN duration_ms > 600000 THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_19,
    CAST(CASE WHEN events <= 2 THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_20,
    CAST(CASE WHEN first_seen = start THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_21,
    CAST(duration_ms / 1e3 AS DOUBLE) AS v_22,
    duration_ms / 1e3 AS v_23,
    CAST(active_ms / 1e3 AS DOUBLE) AS v_24,
    active_ms / 1e3 AS v_25,
    CAST(CASE WHEN duration_ms > 0 THEN 1 ELSE 0 END AS DOUBLE) AS v_26,
    CAST(CASE WHEN duration_ms > 0 THEN duration_ms ELSE 0 END AS DOUBLE) AS v_27,
    CAST(CASE WHEN duration_ms > 0 THEN CAST(active_ms AS DOUBLE) ELSE 0e0 END AS DOUBLE) AS v_28,
    CAST(CASE WHEN page_views > 0 THEN active_ms / 1e3 ELSE 0e0 END AS DOUBLE) AS v_29,
    CAST(CAST(page_views AS DOUBLE) AS DOUBLE) AS v_30,
    CAST(CAST(clicks AS DOUBLE) AS DOUBLE) AS v_31,
    CAST(CASE WHEN page_views > 0 THEN CAST(clicks AS DOUBLE) ELSE 0e0 END AS DOUBLE) AS v_32,
    CAST(CAST(events AS DOUBLE) AS DOUBLE) AS v_33
  FROM measured
), marks AS (
  SELECT
    side AS of_side,
    PERCENTILE_APPROX(v_3, 0.5) AS mark_2,
    PERCENTILE_APPROX(v_8, 0.5) AS mark_6,
    PERCENTILE_APPROX(v_23, 0.5) AS mark_18,
    PERCENTILE_APPROX(v_23, 0.9) AS mark_19,
    PERCENTILE_APPROX(v_25, 0.5) AS mark_21
  FROM numbers
  GROUP BY
    side
), of_person AS (
  SELECT
    who,
    side,
    COUNT(*) * 1e0 AS s_1,
    SUM(v_1) AS s_2,
    SUM(v_2) AS s_3,
    SUM(CASE WHEN v_3 <= mark_2 THEN 1e0 ELSE 0e0 END) AS s_4,
    SUM(v_4) AS s_5,
    SUM(v_5) AS s_6,
    SUM(v_6) AS s_7,
    SUM(v_7) AS s_8,
    SUM(CASE WHEN v_8 <= mark_6 THEN 1e0 ELSE 0e0 END) AS s_9,
    SUM(v_9) AS s_10,
    SUM(v_10) AS s_11,
    SUM(v_11) AS s_12,
    SUM(v_12) AS s_13,
    SUM(v_13) AS s_14,
    SUM(v_14) AS s_15,
    SUM(v_15) AS s_16,
    SUM(v_16) AS s_17,
    SUM(v_17) AS s_18,
    SUM(v_18) AS s_19,
    SUM(v_19) AS s_20,
    SUM(v_20) AS s_21,
    SUM(v_21) AS s_22,
    SUM(v_22) AS s_23,
    SUM(CASE WHEN v_23 <= mark_18 THEN 1e0 ELSE 0e0 END) AS s_24,
    SUM(CASE WHEN v_23 <= mark_19 THEN 1e0 ELSE 0e0 END) AS s_25,
    SUM(v_24) AS s_26,
    SUM(CASE WHEN v_25 <= mark_21 THEN 1e0 ELSE 0e0 END) AS s_27,
    SUM(v_26) AS s_28,
    SUM(v_27) AS s_29,
    SUM(v_28) AS s_30,
    SUM(v_29) AS s_31,
    SUM(v_30) AS s_32,
    SUM(v_31) AS s_33,
    SUM(v_32) AS s_34,
    SUM(v_33) AS s_35
  FROM numbers
  JOIN marks
    ON of_side = side
  GROUP BY
    who,
    side
), totals AS (
  SELECT
    side,
    COUNT(*) AS everyone,
    CAST(SUM(s_1) AS DOUBLE) AS t_1,
    CAST(SUM(s_2) AS DOUBLE) AS t_2,
    COUNT(CASE WHEN s_1 > 0 THEN 1 END) AS t_3,
    COUNT(CASE WHEN s_2 <> 0 THEN 1 END) AS t_4,
    SUM(s_2 * s_2) AS t_5,
    SUM(s_2 * s_1) AS t_6,
    SUM(s_1 * s_1) AS t_7,
    CAST(SUM(s_3) AS DOUBLE) AS t_8,
    CAST(SUM(s_4) AS DOUBLE) AS t_9,
    COUNT(CASE WHEN s_3 > 0 THEN 1 END) AS t_10,
    COUNT(CASE WHEN s_4 <> 0 THEN 1 END) AS t_11,
    SUM(s_4 * s_4) AS t_12,
    SUM(s_4 * s_3) AS t_13,
    SUM(s_3 * s_3) AS t_14,
    CAST(SUM(s_5) AS DOUBLE) AS t_15,
    COUNT(CASE WHEN s_5 <> 0 THEN 1 END) AS t_16,
    SUM(s_5 * s_5) AS t_17,
    SUM(s_5 * s_1) AS t_18,
    CAST(SUM(s_6) AS DOUBLE) AS t_19,
    COUNT(CASE WHEN s_6 <> 0 THEN 1 END) AS t_20,
    SUM(s_6 * s_6) AS t_21,
    SUM(s_6 * s_1) AS t_22,
    CAST(SUM(s_7) AS DOUBLE) AS t_23,
    CAST(SUM(s_8) AS DOUBLE) AS t_24,
    COUNT(CASE WHEN s_7 > 0 THEN 1 END) AS t_25,
    COUNT(CASE WHEN s_8 <> 0 THEN 1 END) AS t_26,
    SUM(s_8 * s_8) AS t_27,
    SUM(s_8 * s_7) AS t_28,
    SUM(s_7 * s_7) AS t_29,
    CAST(SUM(s_9) AS DOUBLE) AS t_30,
    COUNT(CASE WHEN s_9 <> 0 THEN 1 END) AS t_31,
    SUM(s_9 * s_9) AS t_32,
    SUM(s_9 * s_7) AS t_33,
    CAST(SUM(s_10) AS DOUBLE) AS t_34,
    CAST(SUM(s_11) AS DOUBLE) AS t_35,
    COUNT(CASE WHEN s_10 > 0 THEN 1 END) AS t_36,
    COUNT(CASE WHEN s_11 <> 0 THEN 1 END) AS t_37,
    SUM(s_11 * s_11) AS t_38,
    SUM(s_11 * s_10) AS t_39,
    SUM(s_10 * s_10) AS t_40,
    CAST(SUM(s_12) AS DOUBLE) AS t_41,
    COUNT(CASE WHEN s_12 <> 0 THEN 1 END) AS t_42,
    SUM(s_12 * s_12) AS t_43,
    SUM(s_12 * s_1) AS t_44,
    CAST(SUM(s_13) AS DOUBLE) AS t_45,
    COUNT(CASE WHEN s_13 <> 0 THEN 1 END) AS t_46,
    SUM(s_13 * s_13) AS t_47,
    SUM(s_13 * s_1) AS t_48,
    CAST(SUM(s_14) AS DOUBLE) AS t_49,
    COUNT(CASE WHEN s_14 <> 0 THEN 1 END) AS t_50,
    SUM(s_14 * s_14) AS t_51,
    SUM(s_14 * s_1) AS t_52,
    CAST(SUM(s_15) AS DOUBLE) AS t_53,
    CAST(SUM(s_16) AS DOUBLE) AS t_54,
    CAST(SUM(s_17) AS DOUBLE) AS t_55,
    COUNT(CASE WHEN s_16 > 0 THEN 1 END) AS t_56,
    COUNT(CASE WHEN s_17 <> 0 THEN 1 END) AS t_57,
    SUM(s_17 * s_17) AS t_58,
    SUM(s_17 * s_16) AS t_59,
    SUM(s_16 * s_16) AS t_60,
    CAST(SUM(s_18) AS DOUBLE) AS t_61,
    COUNT(CASE WHEN s_18 <> 0 THEN 1 END) AS t_62,
    SUM(s_18 * s_18) AS t_63,
    SUM(s_18 * s_1) AS t_64,
    CAST(SUM(s_19) AS DOUBLE) AS t_65,
    COUNT(CASE WHEN s_19 <> 0 THEN 1 END) AS t_66,
    SUM(s_19 * s_19) AS t_67,
    SUM(s_19 * s_1) AS t_68,
    CAST(SUM(s_20) AS DOUBLE) AS t_69,
    COUNT(CASE WHEN s_20 <> 0 THEN 1 END) AS t_70,
    SUM(s_20 * s_20) AS t_71,
    SUM(s_20 * s_1) AS t_72,
    CAST(SUM(s_21) AS DOUBLE) AS t_73,
    COUNT(CASE WHEN s_21 <> 0 THEN 1 END) AS t_74,
    SUM(s_21 * s_21) AS t_75,
    SUM(s_21 * s_1) AS t_76,
    CAST(SUM(s_22) AS DOUBLE) AS t_77,
    COUNT(CASE WHEN s_22 <> 0 THEN 1 END) AS t_78,
    SUM(s_22 * s_22) AS t_79,
    SUM(s_22 * s_1) AS t_80,
    CAST(SUM(s_23) AS DOUBLE) AS t_81,
    COUNT(CASE WHEN s_23 <> 0 THEN 1 END) AS t_82,
    SUM(s_23 * s_23) AS t_83,
    SUM(s_23 * s_1) AS t_84,
    CAST(SUM(s_24) AS DOUBLE) AS t_85,
    COUNT(CASE WHEN s_24 <> 0 THEN 1 END) AS t_86,
    SUM(s_24 * s_24) AS t_87,
    SUM(s_24 * s_1) AS t_88,
    CAST(SUM(s_25) AS DOUBLE) AS t_89,
    COUNT(CASE WHEN s_25 <> 0 THEN 1 END) AS t_90,
    SUM(s_25 * s_25) AS t_91,
    SUM(s_25 * s_1) AS t_92,
    CAST(SUM(s_26) AS DOUBLE) AS t_93,
    COUNT(CASE WHEN s_26 <> 0 THEN 1 END) AS t_94,
    SUM(s_26 * s_26) AS t_95,
    SUM(s_26 * s_1) AS t_96,
    CAST(SUM(s_27) AS DOUBLE) AS t_97,
    COUNT(CASE WHEN s_27 <> 0 THEN 1 END) AS t_98,
    SUM(s_27 * s_27) AS t_99,
    SUM(s_27 * s_1) AS t_100,
    CAST(SUM(s_28) AS DOUBLE) AS t_101,
    CAST(SUM(s_29) AS DOUBLE) AS t_102,
    CAST(SUM(s_30) AS DOUBLE) AS t_103,
    COUNT(CASE WHEN s_29 > 0 THEN 1 END) AS t_104,
    COUNT(CASE WHEN s_30 <> 0 THEN 1 END) AS t_105,
    SUM(s_30 * s_30) AS t_106,
    SUM(s_30 * s_29) AS t_107,
    SUM(s_29 * s_29) AS t_108,
    CAST(SUM(s_31) AS DOUBLE) AS t_109,
    COUNT(CASE WHEN s_31 <> 0 THEN 1 END) AS t_110,
    SUM(s_31 * s_31) AS t_111,
    SUM(s_31 * s_16) AS t_112,
    CAST(SUM(s_32) AS DOUBLE) AS t_113,
    COUNT(CASE WHEN s_32 <> 0 THEN 1 END) AS t_114,
    SUM(s_32 * s_32) AS t_115,
    SUM(s_32 * s_1) AS t_116,
    CAST(SUM(s_33) AS DOUBLE) AS t_117,
    COUNT(CASE WHEN s_33 <> 0 THEN 1 END) AS t_118,
    SUM(s_33 * s_33) AS t_119,
    SUM(s_33 * s_1) AS t_120,
    CAST(SUM(s_34) AS DOUBLE) AS t_121,
    COUNT(CASE WHEN s_34 <> 0 THEN 1 END) AS t_122,
    SUM(s_34 * s_34) AS t_123,
    SUM(s_34 * s_16) AS t_124,
    CAST(SUM(s_35) AS DOUBLE) AS t_125,
    COUNT(CASE WHEN s_35 <> 0 THEN 1 END) AS t_126,
    SUM(s_35 * s_35) AS t_127,
    SUM(s_35 * s_1) AS t_128
  FROM of_person
  GROUP BY
    side
), crossings AS (
  SELECT
    COUNT(*) AS both_people,
    SUM(one.s_2 * other.s_2) AS x_1,
    SUM(one.s_2 * other.s_1) AS x_2,
    SUM(one.s_1 * other.s_2) AS x_3,
    SUM(one.s_1 * other.s_1) AS x_4,
    SUM(one.s_4 * other.s_4) AS x_5,
    SUM(one.s_4 * other.s_3) AS x_6,
    SUM(one.s_3 * other.s_4) AS x_7,
    SUM(one.s_3 * other.s_3) AS x_8,
    SUM(one.s_5 * other.s_5) AS x_9,
    SUM(one.s_5 * other.s_1) AS x_10,
    SUM(one.s_1 * other.s_5) AS x_11,
    SUM(one.s_6 * other.s_6) AS x_12,
    SUM(one.s_6 * other.s_1) AS x_13,
    SUM(one.s_1 * other.s_6) AS x_14,
    SUM(one.s_8 * other.s_8) AS x_15,
    SUM(one.s_8 * other.s_7) AS x_16,
    SUM(one.s_7 * other.s_8) AS x_17,
    SUM(one.s_7 * other.s_7) AS x_18,
    SUM(one.s_9 * other.s_9) AS x_19,
    SUM(one.s_9 * other.s_7) AS x_20,
    SUM(one.s_7 * other.s_9) AS x_21,
    SUM(one.s_11 * other.s_11) AS x_22,
    SUM(one.s_11 * other.s_10) AS x_23,
    SUM(one.s_10 * other.s_11) AS x_24,
    SUM(one.s_10 * other.s_10) AS x_25,
    SUM(one.s_12 * other.s_12) AS x_26,
    SUM(one.s_12 * other.s_1) AS x_27,
    SUM(one.s_1 * other.s_12) AS x_28,
    SUM(one.s_13 * other.s_13) AS x_29,
    SUM(one.s_13 * other.s_1) AS x_30,
    SUM(one.s_1 * other.s_13) AS x_31,
    SUM(one.s_14 * other.s_14) AS x_32,
    SUM(one.s_14 * other.s_1) AS x_33,
    SUM(one.s_1 * other.s_14) AS x_34,
    SUM(one.s_17 * other.s_17) AS x_35,
    SUM(one.s_17 * other.s_16) AS x_36,
    SUM(one.s_16 * other.s_17) AS x_37,
    SUM(one.s_16 * other.s_16) AS x_38,
    SUM(one.s_18 * other.s_18) AS x_39,
    SUM(one.s_18 * other.s_1) AS x_40,
    SUM(one.s_1 * other.s_18) AS x_41,
    SUM(one.s_19 * other.s_19) AS x_42,
    SUM(one.s_19 * other.s_1) AS x_43,
    SUM(one.s_1 * other.s_19) AS x_44,
    SUM(one.s_20 * other.s_20) AS x_45,
    SUM(one.s_20 * other.s_1) AS x_46,
    SUM(one.s_1 * other.s_20) AS x_47,
    SUM(one.s_21 * other.s_21) AS x_48,
    SUM(one.s_21 * other.s_1) AS x_49,
    SUM(one.s_1 * other.s_21) AS x_50,
    SUM(one.s_22 * other.s_22) AS x_51,
    SUM(one.s_22 * other.s_1) AS x_52,
    SUM(one.s_1 * other.s_22) AS x_53,
    SUM(one.s_23 * other.s_23) AS x_54,
    SUM(one.s_23 * other.s_1) AS x_55,
    SUM(one.s_1 * other.s_23) AS x_56,
    SUM(one.s_24 * other.s_24) AS x_57,
    SUM(one.s_24 * other.s_1) AS x_58,
    SUM(one.s_1 * other.s_24) AS x_59,
    SUM(one.s_25 * other.s_25) AS x_60,
    SUM(one.s_25 * other.s_1) AS x_61,
    SUM(one.s_1 * other.s_25) AS x_62,
    SUM(one.s_26 * other.s_26) AS x_63,
    SUM(one.s_26 * other.s_1) AS x_64,
    SUM(one.s_1 * other.s_26) AS x_65,
    SUM(one.s_27 * other.s_27) AS x_66,
    SUM(one.s_27 * other.s_1) AS x_67,
    SUM(one.s_1 * other.s_27) AS x_68,
    SUM(one.s_30 * other.s_30) AS x_69,
    SUM(one.s_30 * other.s_29) AS x_70,
    SUM(one.s_29 * other.s_30) AS x_71,
    SUM(one.s_29 * other.s_29) AS x_72,
    SUM(one.s_31 * other.s_31) AS x_73,
    SUM(one.s_31 * other.s_16) AS x_74,
    SUM(one.s_16 * other.s_31) AS x_75,
    SUM(one.s_32 * other.s_32) AS x_76,
    SUM(one.s_32 * other.s_1) AS x_77,
    SUM(one.s_1 * other.s_32) AS x_78,
    SUM(one.s_33 * other.s_33) AS x_79,
    SUM(one.s_33 * other.s_1) AS x_80,
    SUM(one.s_1 * other.s_33) AS x_81,
    SUM(one.s_34 * other.s_34) AS x_82,
    SUM(one.s_34 * other.s_16) AS x_83,
    SUM(one.s_16 * other.s_34) AS x_84,
    SUM(one.s_35 * other.s_35) AS x_85,
    SUM(one.s_35 * other.s_1) AS x_86,
    SUM(one.s_1 * other.s_35) AS x_87
  FROM (
    SELECT
      *
    FROM of_person
    WHERE
      side = 0
  ) AS one
  JOIN (
    SELECT
      *
    FROM of_person
    WHERE
      side = 1
  ) AS other
    ON one.who = other.who
)
SELECT
  metric,
  totals.side,
  everyone,
  both_people,
  CASE metric
    WHEN 1
    THEN t_1
    WHEN 2
    THEN t_8
    WHEN 3
    THEN t_1
    WHEN 4
    THEN t_1
    WHEN 5
    THEN t_23
    WHEN 6
    THEN t_23
    WHEN 7
    THEN t_34
    WHEN 8
    THEN t_1
    WHEN 9
    THEN t_1
    WHEN 10
    THEN t_1
    WHEN 11
    THEN t_53
    WHEN 12
    THEN t_1
    WHEN 13
    THEN t_1
    WHEN 14
    THEN t_1
    WHEN 15
    THEN t_1
    WHEN 16
    THEN t_1
    WHEN 17
    THEN t_1
    WHEN 18
    THEN t_1
    WHEN 19
    THEN t_1
    WHEN 20
    THEN t_1
    WHEN 21
    THEN t_1
    WHEN 22
    THEN t_101
    WHEN 23
    THEN t_53
    WHEN 24
    THEN t_1
    WHEN 25
    THEN t_1
    WHEN 26
    THEN t_53
    WHEN 27
    THEN t_1
  END AS sessions,
  CASE metric
    WHEN 1
    THEN t_1
    WHEN 2
    THEN t_8
    WHEN 3
    THEN t_1
    WHEN 4
    THEN t_1
    WHEN 5
    THEN t_23
    WHEN 6
    THEN t_23
    WHEN 7
    THEN t_34
    WHEN 8
    THEN t_1
    WHEN 9
    THEN t_1
    WHEN 10
    THEN t_1
    WHEN 11
    THEN t_54
    WHEN 12
    THEN t_1
    WHEN 13
    THEN t_1
    WHEN 14
    THEN t_1
    WHEN 15
    THEN t_1
    WHEN 16
    THEN t_1
    WHEN 17
    THEN t_1
    WHEN 18
    THEN t_1
    WHEN 19
    THEN t_1
    WHEN 20
    THEN t_1
    WHEN 21
    THEN t_1
    WHEN 22
    THEN t_102
    WHEN 23
    THEN t_54
    WHEN 24
    THEN t_1
    WHEN 25
    THEN t_1
    WHEN 26
    THEN t_54
    WHEN 27
    THEN t_1
  END AS counted,
  CASE metric
    WHEN 1
    THEN t_2
    WHEN 2
    THEN t_9
    WHEN 3
    THEN t_15
    WHEN 4
    THEN t_19
    WHEN 5
    THEN t_24
    WHEN 6
    THEN t_30
    WHEN 7
    THEN t_35
    WHEN 8
    THEN t_41
    WHEN 9
    THEN t_45
    WHEN 10
    THEN t_49
    WHEN 11
    THEN t_55
    WHEN 12
    THEN t_61
    WHEN 13
    THEN t_65
    WHEN 14
    THEN t_69
    WHEN 15
    THEN t_73
    WHEN 16
    THEN t_77
    WHEN 17
    THEN t_81
    WHEN 18
    THEN t_85
    WHEN 19
    THEN t_89
    WHEN 20
    THEN t_93
    WHEN 21
    THEN t_97
    WHEN 22
    THEN t_103
    WHEN 23
    THEN t_109
    WHEN 24
    THEN t_113
    WHEN 25
    THEN t_117
    WHEN 26
    THEN t_121
    WHEN 27
    THEN t_125
  END AS total,
  CASE metric
    WHEN 1
    THEN t_3
    WHEN 2
    THEN t_10
    WHEN 3
    THEN t_3
    WHEN 4
    THEN t_3
    WHEN 5
    THEN t_25
    WHEN 6
    THEN t_25
    WHEN 7
    THEN t_36
    WHEN 8
    THEN t_3
    WHEN 9
    THEN t_3
    WHEN 10
    THEN t_3
    WHEN 11
    THEN t_56
    WHEN 12
    THEN t_3
    WHEN 13
    THEN t_3
    WHEN 14
    THEN t_3
    WHEN 15
    THEN t_3
    WHEN 16
    THEN t_3
    WHEN 17
    THEN t_3
    WHEN 18
    THEN t_3
    WHEN 19
    THEN t_3
    WHEN 20
    THEN t_3
    WHEN 21
    THEN t_3
    WHEN 22
    THEN t_104
    WHEN 23
    THEN t_56
    WHEN 24
    THEN t_3
    WHEN 25
    THEN t_3
    WHEN 26
    THEN t_56
    WHEN 27
    THEN t_3
  END AS people,
  CASE metric
    WHEN 1
    THEN t_4
    WHEN 2
    THEN t_11
    WHEN 3
    THEN t_16
    WHEN 4
    THEN t_20
    WHEN 5
    THEN t_26
    WHEN 6
    THEN t_31
    WHEN 7
    THEN t_37
    WHEN 8
    THEN t_42
    WHEN 9
    THEN t_46
    WHEN 10
    THEN t_50
    WHEN 11
    THEN t_57
    WHEN 12
    THEN t_62
    WHEN 13
    THEN t_66
    WHEN 14
    THEN t_70
    WHEN 15
    THEN t_74
    WHEN 16
    THEN t_78
    WHEN 17
    THEN t_82
    WHEN 18
    THEN t_86
    WHEN 19
    THEN t_90
    WHEN 20
    THEN t_94
    WHEN 21
    THEN t_98
    WHEN 22
    THEN t_105
    WHEN 23
    THEN t_110
    WHEN 24
    THEN t_114
    WHEN 25
    THEN t_118
    WHEN 26
    THEN t_122
    WHEN 27
    THEN t_126
  END AS hits,
  CASE metric
    WHEN 1
    THEN t_5
    WHEN 2
    THEN t_12
    WHEN 3
    THEN t_17
    WHEN 4
    THEN t_21
    WHEN 5
    THEN t_27
    WHEN 6
    THEN t_32
    WHEN 7
    THEN t_38
    WHEN 8
    THEN t_43
    WHEN 9
    THEN t_47
    WHEN 10
    THEN t_51
    WHEN 11
    THEN t_58
    WHEN 12
    THEN t_63
    WHEN 13
    THEN t_67
    WHEN 14
    THEN t_71
    WHEN 15
    THEN t_75
    WHEN 16
    THEN t_79
    WHEN 17
    THEN t_83
    WHEN 18
    THEN t_87
    WHEN 19
    THEN t_91
    WHEN 20
    THEN t_95
    WHEN 21
    THEN t_99
    WHEN 22
    THEN t_106
    WHEN 23
    THEN t_111
    WHEN 24
    THEN t_115
    WHEN 25
    THEN t_119
    WHEN 26
    THEN t_123
    WHEN 27
    THEN t_127
  END AS person_squares,
  CASE metric
    WHEN 1
    THEN t_6
    WHEN 2
    THEN t_13
    WHEN 3
    THEN t_18
    WHEN 4
    THEN t_22
    WHEN 5
    THEN t_28
    WHEN 6
    THEN t_33
    WHEN 7
    THEN t_39
    WHEN 8
    THEN t_44
    WHEN 9
    THEN t_48
    WHEN 10
    THEN t_52
    WHEN 11
    THEN t_59
    WHEN 12
    THEN t_64
    WHEN 13
    THEN t_68
    WHEN 14
    THEN t_72
    WHEN 15
    THEN t_76
    WHEN 16
    THEN t_80
    WHEN 17
    THEN t_84
    WHEN 18
    THEN t_88
    WHEN 19
    THEN t_92
    WHEN 20
    THEN t_96
    WHEN 21
    THEN t_100
    WHEN 22
    THEN t_107
    WHEN 23
    THEN t_112
    WHEN 24
    THEN t_116
    WHEN 25
    THEN t_120
    WHEN 26
    THEN t_124
    WHEN 27
    THEN t_128
  END AS person_cross,
  CASE metric
    WHEN 1
    THEN t_7
    WHEN 2
    THEN t_14
    WHEN 3
    THEN t_7
    WHEN 4
    THEN t_7
    WHEN 5
    THEN t_29
    WHEN 6
    THEN t_29
    WHEN 7
    THEN t_40
    WHEN 8
    THEN t_7
    WHEN 9
    THEN t_7
    WHEN 10
    THEN t_7
    WHEN 11
    THEN t_60
    WHEN 12
    THEN t_7
    WHEN 13
    THEN t_7
    WHEN 14
    THEN t_7
    WHEN 15
    THEN t_7
    WHEN 16
    THEN t_7
    WHEN 17
    THEN t_7
    WHEN 18
    THEN t_7
    WHEN 19
    THEN t_7
    WHEN 20
    THEN t_7
    WHEN 21
    THEN t_7
    WHEN 22
    THEN t_108
    WHEN 23
    THEN t_60
    WHEN 24
    THEN t_7
    WHEN 25
    THEN t_7
    WHEN 26
    THEN t_60
    WHEN 27
    THEN t_7
  END AS person_counts,
  COALESCE(
    CASE metric
      WHEN 1
      THEN x_1
      WHEN 2
      THEN x_5
      WHEN 3
      THEN x_9
      WHEN 4
      THEN x_12
      WHEN 5
      THEN x_15
      WHEN 6
      THEN x_19
      WHEN 7
      THEN x_22
      WHEN 8
      THEN x_26
      WHEN 9
      THEN x_29
      WHEN 10
      THEN x_32
      WHEN 11
      THEN x_35
      WHEN 12
      THEN x_39
      WHEN 13
      THEN x_42
      WHEN 14
      THEN x_45
      WHEN 15
      THEN x_48
      WHEN 16
      THEN x_51
      WHEN 17
      THEN x_54
      WHEN 18
      THEN x_57
      WHEN 19
      THEN x_60
      WHEN 20
      THEN x_63
      WHEN 21
      THEN x_66
      WHEN 22
      THEN x_69
      WHEN 23
      THEN x_73
      WHEN 24
      THEN x_76
      WHEN 25
      THEN x_79
      WHEN 26
      THEN x_82
      WHEN 27
      THEN x_85
    END,
    0e0
  ) AS totals,
  COALESCE(
    CASE metric
      WHEN 1
      THEN x_2
      WHEN 2
      THEN x_6
      WHEN 3
      THEN x_10
      WHEN 4
      THEN x_13
      WHEN 5
      THEN x_16
      WHEN 6
      THEN x_20
      WHEN 7
      THEN x_23
      WHEN 8
      THEN x_27
      WHEN 9
      THEN x_30
      WHEN 10
      THEN x_33
      WHEN 11
      THEN x_36
      WHEN 12
      THEN x_40
      WHEN 13
      THEN x_43
      WHEN 14
      THEN x_46
      WHEN 15
      THEN x_49
      WHEN 16
      THEN x_52
      WHEN 17
      THEN x_55
      WHEN 18
      THEN x_58
      WHEN 19
      THEN x_61
      WHEN 20
      THEN x_64
      WHEN 21
      THEN x_67
      WHEN 22
      THEN x_70
      WHEN 23
      THEN x_74
      WHEN 24
      THEN x_77
      WHEN 25
      THEN x_80
      WHEN 26
      THEN x_83
      WHEN 27
      THEN x_86
    END,
    0e0
  ) AS total_count,
  COALESCE(
    CASE metric
      WHEN 1
      THEN x_3
      WHEN 2
      THEN x_7
      WHEN 3
      THEN x_11
      WHEN 4
      THEN x_14
      WHEN 5
      THEN x_17
      WHEN 6
      THEN x_21
      WHEN 7
      THEN x_24
      WHEN 8
      THEN x_28
      WHEN 9
      THEN x_31
      WHEN 10
      THEN x_34
      WHEN 11
      THEN x_37
      WHEN 12
      THEN x_41
      WHEN 13
      THEN x_44
      WHEN 14
      THEN x_47
      WHEN 15
      THEN x_50
      WHEN 16
      THEN x_53
      WHEN 17
      THEN x_56
      WHEN 18
      THEN x_59
      WHEN 19
      THEN x_62
      WHEN 20
      THEN x_65
      WHEN 21
      THEN x_68
      WHEN 22
      THEN x_71
      WHEN 23
      THEN x_75
      WHEN 24
      THEN x_78
      WHEN 25
      THEN x_81
      WHEN 26
      THEN x_84
      WHEN 27
      THEN x_87
    END,
    0e0
  ) AS count_total,
  COALESCE(
    CASE metric
      WHEN 1
      THEN x_4
      WHEN 2
      THEN x_8
      WHEN 3
      THEN x_4
      WHEN 4
      THEN x_4
      WHEN 5
      THEN x_18
      WHEN 6
      THEN x_18
      WHEN 7
      THEN x_25
      WHEN 8
      THEN x_4
      WHEN 9
      THEN x_4
      WHEN 10
      THEN x_4
      WHEN 11
      THEN x_38
      WHEN 12
      THEN x_4
      WHEN 13
      THEN x_4
      WHEN 14
      THEN x_4
      WHEN 15
      THEN x_4
      WHEN 16
      THEN x_4
      WHEN 17
      THEN x_4
      WHEN 18
      THEN x_4
      WHEN 19
      THEN x_4
      WHEN 20
      THEN x_4
      WHEN 21
      THEN x_4
      WHEN 22
      THEN x_72
      WHEN 23
      THEN x_38
      WHEN 24
      THEN x_4
      WHEN 25
      THEN x_4
      WHEN 26
      THEN x_38
      WHEN 27
      THEN x_4
    END,
    0e0
  ) AS counts,
  CASE metric
    WHEN 2
    THEN mark_2
    WHEN 6
    THEN mark_6
    WHEN 18
    THEN mark_18
    WHEN 19
    THEN mark_19
    WHEN 21
    THEN mark_21
  END AS mark
FROM totals
JOIN marks
  ON of_side = totals.side
CROSS JOIN crossings
CROSS JOIN VALUES
  (1),
  (2),
  (3),
  (4),
  (5),
  (6),
  (7),
  (8),
  (9),
  (10),
  (11),
  (12),
  (13),
  (14),
  (15),
  (16),
  (17),
  (18),
  (19),
  (20),
  (21),
  (22),
  (23),
  (24),
  (25),
  (26),
  (27) AS names(metric)
ORDER BY
  metric NULLS LAST,
  totals.side NULLS LAST
;
WITH sided_sessions AS (
  SELECT
    *,
    0 AS side
  FROM sessions
  WHERE
    day >= :before_start
    AND day < :before_stop
    AND COALESCE(ARRAY_CONTAINS(:before_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:before_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :before_start
        AND day < :before_stop
        AND COALESCE(name = :before_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :before_start
          AND day < :before_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:before_where_2_1_key], '') = :before_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :before_where_2_2_value, FALSE)
    )
    AND COALESCE(ARRAY_CONTAINS(:before_where_3_value, release), FALSE)
  UNION ALL
  SELECT
    *,
    1 AS side
  FROM sessions
  WHERE
    day >= :after_start
    AND day < :after_stop
    AND COALESCE(ARRAY_CONTAINS(:after_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:after_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :after_start
        AND day < :after_stop
        AND COALESCE(name = :after_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :after_start
          AND day < :after_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:after_where_2_1_key], '') = :after_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :after_where_2_2_value, FALSE)
    )
    AND COALESCE(ARRAY_CONTAINS(:after_where_3_value, release), FALSE)
)
SELECT
  COUNT(*) AS sessions
FROM (
  SELECT
    session_key
  FROM sided_sessions
  GROUP BY
    session_key
  HAVING
    COUNT(*) > 1
) AS twice
