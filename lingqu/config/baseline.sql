-- migration kernel 0001_extensions b81cee6c7017e436
-- migration registry 0001_initial b8501e8e4840ef63
-- migration registry 0002_functions aabbfabfa4340352
-- migration registry 0003_register_writes da5fb2e4cf40f45d
-- migration registry 0004_school_advances 681a4975714a5acb
-- migration registry 0005_attributes f8790d93f4195787
-- migration registry 0006_staff_degrees bea6cefb2c9ab872
-- migration registry 0007_attribute_until bd9418d58d7cd0c1
-- migration identity 0001_extensions 0b20f3ae52c71bc8
-- migration identity 0002_initial 7daaebdf393019f6
-- migration identity 0003_unlogged aee0eced078db279
-- migration identity 0004_invitations baefde8a7a7d59ff
-- migration identity 0005_overseers_apart b5fd9f956d7bdf00
-- migration identity 0006_account_language 47c93db11dfcb41e
-- migration identity 0007_sso_sessions 9c47cb9289b65e9d
-- migration applications 0001_initial 247d22f3917b8a7b
-- migration applications 0002_on_screen f796465d033eca93
-- migration applications 0003_sandbox_class 4c239593642b128c
-- migration contenttypes 0001_initial 35ed8489a147e0b4
-- migration contenttypes 0002_remove_content_type_name 7d36494075750f0e
-- migration auth 0001_initial 845cff319606332f
-- migration auth 0002_alter_permission_name_max_length feaf97e0e8f7d148
-- migration auth 0003_alter_user_email_max_length 9d5657b4db9872dc
-- migration auth 0004_alter_user_username_opts 9538db342c9a9bec
-- migration auth 0005_alter_user_last_login_null 79f60a35dc000fdd
-- migration auth 0006_require_contenttypes_0002 00cb16e3405f14b6
-- migration auth 0007_alter_validators_add_error_messages 115db87dc327530f
-- migration auth 0008_alter_user_username_max_length 02857f65f7d64814
-- migration auth 0009_alter_user_last_name_max_length 19a89500e7f108a7
-- migration auth 0010_alter_group_name_max_length 0963ed6498ac0b3a
-- migration auth 0011_update_proxy_permissions 85a5dde708dc4b61
-- migration auth 0012_alter_user_first_name_max_length 6cefbc9f80903763
-- migration cas 0001_initial 0b87eab4f6456f93
-- migration registry 0008_no_real_name_state 3474f5b20b5198be
-- migration registry 0009_posts ebba59dd73699a09
-- migration collection 0001_initial 60654c2049846969
-- migration collection 0002_reminding b16b748123ff6487
-- migration identity 0008_class_sessions b5cc1a7cc8dba697
-- migration identity 0009_second_factor cc601de428354184
-- migration identity 0010_factors 35a84a81c8e4d2ba
-- migration identity 0011_sign_in_figures ddd63db574294141
-- migration identity 0012_alerts e52623b77ee7358a
-- migration identity 0013_real_names_and_texting 6f4d86159d84d194
-- migration identity 0014_data_files 56a0e42aa6b265d5
-- migration inbox 0001_notices 4005aca7192b2bbf
-- migration inbox 0002_reminders 684034b83b073961
-- migration inbox 0003_messages_and_groups f4df68c290074ea7
-- migration inbox 0004_sums 9a9fb920e150b49e
-- migration intake 0001_initial 70e18ec85a45be20
-- migration kernel 0002_trail f691d78990d309a7
-- migration kernel 0003_tools 8857ced897b3e53e
-- migration kernel 0004_key_rotation 2e36eb387cd31fa2
-- migration kernel 0005_message_reports 90bf1c5fca9fdaba
-- migration lti 0001_initial 19bdbcad646ff426
-- migration lti 0002_kept_keys 27a44f64c161f21e
-- migration lti 0003_link_times 77ece1a3de86ce81
-- migration lti 0004_sandbox_class cfdfa66b4b235d3f
-- migration timetable 0001_initial 167a71b64bc8e502
-- migration office 0001_absences 1ec3c64e72c73a33
-- migration office 0002_online 1b0d38a1525dd486
-- migration oidc 0001_initial 25b7c63e865a369c
-- migration procrastinate 0001_initial be81516c79d02f26
-- migration procrastinate 0002_drop_started_at_column 2ead163c1ce2991d
-- migration procrastinate 0003_drop_started_at_column 740f2d8ff02c0bb5
-- migration procrastinate 0004_drop_procrastinate_version_table 9f48b76f59a9cc8c
-- migration procrastinate 0005_fix_procrastinate_fetch_job 6a8e4055ab8e463d
-- migration procrastinate 0006_fix_trigger_status_events_insert d9d2f532a094aa09
-- migration procrastinate 0007_add_queueing_lock_column dc12645a882f2067
-- migration procrastinate 0008_close_fetch_job_race_condition 74c7c44a68d3c204
-- migration procrastinate 0009_add_defer_job_function b9d529f1bb143b09
-- migration procrastinate 0010_add_procrastinate_periodic_defers bd1aa56a04f86df5
-- migration procrastinate 0011_add_foreign_key_index 25cc0914481114fd
-- migration procrastinate 0012_add_locks_to_periodic_defer 7cf8863ace39220c
-- migration procrastinate 0013_fix_procrastinate_defer_periodic_job 4d5072911b8c904c
-- migration procrastinate 0014_add_finish_job_and_retry_job_functions 20ebed9ca30246c8
-- migration procrastinate 0015_add_trigger_on_job_deletion 41bec3a5111ff97f
-- migration procrastinate 0016_delete_finished_jobs aa4d841aae25c4b1
-- migration procrastinate 0017_add_checks_to_finish_job fa9f208ddf3368de
-- migration procrastinate 0018_add_checks_to_retry_job 893bfc867f1594eb
-- migration procrastinate 0019_fix_finish_job_compat_issue 4c85f00a990bb3d7
-- migration procrastinate 0020_add_index_on_procrastinate_jobs 5a93c4ea92b856f5
-- migration procrastinate 0021_add_kwargs_to_defer_periodic_job 88dd3371cbdee2ba
-- migration procrastinate 0022_null_locks_excluded 2d5b088f88e89d69
-- migration procrastinate 0023_remove_old_finish_job_function 89267383eac7bb81
-- migration procrastinate 0024_job_id_bigint 27108dc62abe6372
-- migration procrastinate 0025_add_models 29580ceb9d30811c
-- migration procrastinate 0026_add_job_priority 4f7746b8edef802a
-- migration procrastinate 0027_add_periodic_job_priority 17e24782e5f4b56e
-- migration procrastinate 0028_add_cancel_states 2831656624aa9165
-- migration procrastinate 0029_add_additional_params_to_retry_job 50d48f155234960c
-- migration procrastinate 0030_alter_procrastinateevent_options 94486414b944e707
-- migration procrastinate 0031_add_indexes_for_fetch_job c7235c71c0c003fd
-- migration procrastinate 0032_pre_cancel_notification 42c97f730f7f0edd
-- migration procrastinate 0033_post_cancel_notification 8bd0e84d1e45311e
-- migration procrastinate 0034_pre_add_heartbeat 844ed448222ba8b1
-- migration procrastinate 0035_post_add_heartbeat 0cbd71b8406c14f4
-- migration procrastinate 0036_add_worker_model f996e8059968a3a4
-- migration procrastinate 0037_pre_batch_defer_jobs 0d7d4294e8aa2749
-- migration procrastinate 0038_post_batch_defer_jobs 503152d687e3e49b
-- migration procrastinate 0039_pre_priority_lock_fetch_job aba2087cb2b69233
-- migration procrastinate 0040_pre_retry_failed_job f6d2a552fbbc5088
-- migration procrastinate 0041_post_retry_failed_job 2c8dc359b30362a9
-- migration quality 0001_initial e58b6975f5f62b80
-- migration quality 0002_evaluations 6e49ee58f4fe0ce5
-- migration reconciliation 0001_initial ffdaadecc3b7f01e
-- migration reconciliation 0002_owners_and_reminders 677fdb52a5b4d4e0
-- migration reconciliation 0003_work c0c1ff69a0ec6c09
-- migration reconciliation 0004_families_ask 5672a07e871ab258
-- migration records 0001_initial 5558951309a7b8b4
-- migration records 0002_documents 35cc92281810e020
-- migration records 0003_parts 0e1bb9d93a23b37b
-- migration records 0004_forwarding f147f24da5da8e7f
-- migration records 0005_unasked_actors 71325977929eadfa
-- migration records 0006_late_marks 47f1f4454b74ed2d
-- migration saml 0001_initial b28bacdbc73d4ec5
-- migration service_hall 0001_hall 8f60f837ffe5af1e
-- migration service_hall 0002_beyond 519b52386a8d09ca
-- migration sessions 0001_initial 2aa438e2393ee513
-- migration statistics 0001_initial 98f8d2e131b0a6c6
-- migration statistics 0002_frozen 7ee14488af86d9c0
-- migration statistics 0003_education 8f8e103ab08aa2d0
-- migration statistics 0004_class_checks 5a729a55494c0156
-- migration statistics 0005_checks_frozen e71a3ba11b5a30ad
-- migration upstream 0001_initial 9413550f4c7ed0d5
-- migration upstream 0002_identifier_person 85561803f9916c88
-- migration upstream 0003_source_trusts_factor 0d746575fd49044c
-- migration upstream 0004_kept_keys c26ba86eb92f16f4
-- migration workflow 0001_initial f9eba62c3f3274d2
-- migration workflow 0002_papers d0f908b22fd09b4f
-- migration workflow 0003_lists 7459f0f4a6906ee8
-- migration workflow 0004_people f365219bbd9d4cbb
-- migration workflow 0005_task_holder 47c7262fcc9b2bbd
-- migration yearly 0001_initial f4f9e6ba1551b9b5

SET LOCAL check_function_bodies = false;

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;


CREATE EXTENSION IF NOT EXISTS ltree WITH SCHEMA public;


CREATE TYPE public.procrastinate_job_event_type AS ENUM (
    'deferred',
    'started',
    'deferred_for_retry',
    'failed',
    'succeeded',
    'cancelled',
    'abort_requested',
    'aborted',
    'scheduled',
    'retried'
);


CREATE TYPE public.procrastinate_job_status AS ENUM (
    'todo',
    'doing',
    'succeeded',
    'failed',
    'cancelled',
    'aborting',
    'aborted'
);


CREATE TYPE public.procrastinate_job_to_defer_v1 AS (
	queue_name character varying,
	task_name character varying,
	priority integer,
	lock text,
	queueing_lock text,
	args jsonb,
	scheduled_at timestamp with time zone
);


CREATE FUNCTION public.identity_overseers_apart() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.account_id::text, 12));
    IF EXISTS (
        SELECT 1 FROM identity_roleassignment held
         WHERE held.account_id = NEW.account_id AND held.id <> NEW.id AND held.ended_at IS NULL
           AND held.role <> NEW.role
           AND (held.role IN ('auditor', 'security_admin', 'system_admin')
                OR NEW.role IN ('auditor', 'security_admin', 'system_admin'))
    ) THEN
        RAISE EXCEPTION 'role % stands beside another role of account %', NEW.role, NEW.account_id
              USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'identity_overseers_apart',
                    TABLE = 'identity_roleassignment';
    END IF;
    RETURN NEW;
END $$;


CREATE FUNCTION public.procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;


CREATE FUNCTION public.procrastinate_defer_jobs_v1(jobs public.procrastinate_job_to_defer_v1[]) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;

    RETURN job_ids;
END;
$$;


CREATE FUNCTION public.procrastinate_defer_periodic_job_v2(_queue_name character varying, _lock character varying, _queueing_lock character varying, _task_name character varying, _priority integer, _periodic_id character varying, _defer_timestamp bigint, _args jsonb) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$;


SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.procrastinate_jobs (
    id bigint NOT NULL,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    lock text,
    args jsonb DEFAULT '{}'::jsonb NOT NULL,
    status public.procrastinate_job_status DEFAULT 'todo'::public.procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    queueing_lock text,
    priority integer DEFAULT 0 NOT NULL,
    abort_requested boolean DEFAULT false NOT NULL,
    worker_id bigint,
    CONSTRAINT check_not_todo_abort_requested CHECK ((NOT ((status = 'todo'::public.procrastinate_job_status) AND (abort_requested = true))))
);


CREATE FUNCTION public.procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint) RETURNS public.procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier or higher priority jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS other_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND other_jobs.lock = jobs.lock
                            AND (
                                -- job with same lock is already running
                                other_jobs.status = 'doing'
                                OR
                                -- job with same lock is waiting and has higher priority (or same priority but was queued first)
                                (
                                    other_jobs.status = 'todo'
                                    AND (
                                        other_jobs.priority > jobs.priority
                                        OR (
                                        other_jobs.priority = jobs.priority
                                        AND other_jobs.id < jobs.id
                                        )
                                    )
                                )
                            )
                )
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

 RETURN found_jobs;
END;
$$;


CREATE FUNCTION public.procrastinate_finish_job_v1(job_id bigint, end_status public.procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;


CREATE FUNCTION public.procrastinate_notify_queue_abort_job_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;


CREATE FUNCTION public.procrastinate_notify_queue_job_inserted_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;


CREATE FUNCTION public.procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat double precision) RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$;


CREATE FUNCTION public.procrastinate_register_worker_v1() RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;


CREATE FUNCTION public.procrastinate_retry_job_v1(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;


CREATE FUNCTION public.procrastinate_retry_job_v2(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;

END;
$$;


CREATE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;


CREATE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);

	RETURN NEW;
END;
$$;


CREATE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;


CREATE FUNCTION public.procrastinate_trigger_function_status_events_update_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;


CREATE FUNCTION public.procrastinate_unlink_periodic_defers_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;


CREATE FUNCTION public.procrastinate_unregister_worker_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;


CREATE FUNCTION public.procrastinate_update_heartbeat_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;


CREATE FUNCTION public.registry_checked_number(body text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT body || ((11 - (ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[(10) * 10 + (ascii(substr(body, 1, 1)) - 48) + 1]) * 10 + (ascii(substr(body, 2, 1)) - 48) + 1]) * 10 + (ascii(substr(body, 3, 1)) - 48) + 1]) * 10 + (ascii(substr(body, 4, 1)) - 48) + 1]) * 10 + (ascii(substr(body, 5, 1)) - 48) + 1]) * 10 + (ascii(substr(body, 6, 1)) - 48) + 1]) * 10 + (ascii(substr(body, 7, 1)) - 48) + 1]) * 10 + (ascii(substr(body, 8, 1)) - 48) + 1]) * 10 + (ascii(substr(body, 9, 1)) - 48) + 1]) * 10 + (ascii(substr(body, 10, 1)) - 48) + 1]) * 10 + (ascii(substr(body, 11, 1)) - 48) + 1]) % 10)::text $$;


CREATE FUNCTION public.registry_person_number(node text, serial bigint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT node || lpad(serial::text, 8, '0') || ((11 - (ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[((ARRAY[9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5,9,2,4,6,8,10,1,3,5,7]::int4[])[(10) * 10 + (ascii(substr(node, 1, 1)) - 48) + 1]) * 10 + (ascii(substr(node, 2, 1)) - 48) + 1]) * 10 + (ascii(substr(node, 3, 1)) - 48) + 1]) * 10 + (serial / 10000000 % 10)::int4 + 1]) * 10 + (serial / 1000000 % 10)::int4 + 1]) * 10 + (serial / 100000 % 10)::int4 + 1]) * 10 + (serial / 10000 % 10)::int4 + 1]) * 10 + (serial / 1000 % 10)::int4 + 1]) * 10 + (serial / 100 % 10)::int4 + 1]) * 10 + (serial / 10 % 10)::int4 + 1]) * 10 + (serial / 1 % 10)::int4 + 1]) % 10)::text $$;


CREATE FUNCTION public.statistics_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are frozen', TG_TABLE_NAME
          USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statistics_frozen', TABLE = TG_TABLE_NAME;
END $$;


CREATE FUNCTION public.statistics_refuse_late() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT snapshot_id, school_id FROM added) a
          JOIN statistics_snapshotschool s ON s.snapshot_id = a.snapshot_id AND s.school_id = a.school_id
    ) THEN
        RAISE EXCEPTION 'the school is already frozen'
              USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statistics_frozen', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;


CREATE FUNCTION public.statistics_refuse_sealed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM statistics_snapshot WHERE id = NEW.snapshot_id AND state = 'sealed') THEN
        RAISE EXCEPTION 'the snapshot is sealed'
              USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statistics_frozen', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;


CREATE TABLE public.applications_adoption (
    id bigint NOT NULL,
    audiences text[] NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    meeting_date date,
    approval_number text NOT NULL,
    by text NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    organisation_id uuid NOT NULL,
    application_id uuid NOT NULL
);


ALTER TABLE public.applications_adoption ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_adoption_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.applications_application (
    id uuid NOT NULL,
    client_id text NOT NULL,
    name text NOT NULL,
    summary text NOT NULL,
    category text NOT NULL,
    icon_digest text NOT NULL,
    state text NOT NULL,
    is_sandbox boolean NOT NULL,
    subject_type text NOT NULL,
    home_url text NOT NULL,
    entry_url text NOT NULL,
    audiences text[] NOT NULL,
    logout_support boolean NOT NULL,
    session_minutes integer,
    round integer NOT NULL,
    submitted_at timestamp with time zone,
    live_since timestamp with time zone,
    state_reason text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    organisation_id uuid NOT NULL,
    vendor_id uuid,
    on_screen boolean NOT NULL,
    CONSTRAINT applications_live_is_no_sandbox CHECK (((NOT (state = 'live'::text)) OR (NOT is_sandbox))),
    CONSTRAINT applications_session_minutes CHECK (((session_minutes IS NULL) OR ((session_minutes >= 5) AND (session_minutes <= 720))))
);


CREATE TABLE public.applications_applicationfiling (
    application_id uuid NOT NULL,
    provider_record text NOT NULL,
    user_record text NOT NULL,
    icp_record text NOT NULL,
    protection_level smallint,
    protection_tested_on date,
    protection_until date,
    record_until date,
    credit_code text NOT NULL,
    data_place text NOT NULL,
    sdks text NOT NULL,
    fees text NOT NULL,
    data_return text NOT NULL,
    emergency_name text NOT NULL,
    emergency_contact bytea,
    reminded_on date,
    updated_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


CREATE TABLE public.applications_consent (
    id bigint NOT NULL,
    scopes text[] NOT NULL,
    given_by text NOT NULL,
    giver_name text NOT NULL,
    given_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    ended_by text NOT NULL,
    account_id uuid,
    application_id uuid NOT NULL,
    person_id uuid,
    batch_id uuid,
    CONSTRAINT applications_consent_of_somebody CHECK (((account_id IS NOT NULL) OR (person_id IS NOT NULL)))
);


ALTER TABLE public.applications_consent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_consent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.applications_consentbatch (
    id uuid NOT NULL,
    scopes text[] NOT NULL,
    digest text NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    people integer NOT NULL,
    by text NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    application_id uuid NOT NULL,
    class_group_id uuid NOT NULL
);


CREATE TABLE public.applications_legacyaccount (
    id bigint NOT NULL,
    vendor_user text NOT NULL,
    name text NOT NULL,
    phone_blind uuid,
    id_blind uuid,
    number text NOT NULL,
    school_code text NOT NULL,
    state text NOT NULL,
    way text NOT NULL,
    uploaded_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    settled_by text NOT NULL,
    application_id uuid NOT NULL,
    person_id uuid
);


ALTER TABLE public.applications_legacyaccount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_legacyaccount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.applications_logoutnotice (
    id bigint NOT NULL,
    session_id uuid NOT NULL,
    protocol text NOT NULL,
    target text NOT NULL,
    state text NOT NULL,
    tries smallint NOT NULL,
    next_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    error text NOT NULL,
    http_status smallint,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    sent_at timestamp with time zone,
    application_id uuid NOT NULL,
    participation_id bigint NOT NULL
);


ALTER TABLE public.applications_logoutnotice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_logoutnotice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.applications_participation (
    id bigint NOT NULL,
    protocol text NOT NULL,
    key text NOT NULL,
    data jsonb NOT NULL,
    first_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    last_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    application_id uuid NOT NULL,
    session_id uuid NOT NULL
);


ALTER TABLE public.applications_participation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_participation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.applications_release (
    id bigint NOT NULL,
    protocol text NOT NULL,
    fields text[] NOT NULL,
    fields_digest bytea NOT NULL,
    day date NOT NULL,
    first_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    last_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    count integer NOT NULL,
    account_id uuid NOT NULL,
    application_id uuid NOT NULL,
    person_id uuid
);


ALTER TABLE public.applications_release ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_release_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.applications_requestlog (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    protocol text NOT NULL,
    endpoint text NOT NULL,
    outcome text NOT NULL,
    detail text NOT NULL,
    milliseconds integer NOT NULL,
    request_id text NOT NULL,
    application_id uuid NOT NULL
);


ALTER TABLE public.applications_requestlog ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_requestlog_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.applications_review (
    id bigint NOT NULL,
    round integer NOT NULL,
    kind text NOT NULL,
    is_passed boolean NOT NULL,
    remark text NOT NULL,
    by text NOT NULL,
    at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    account_id uuid,
    application_id uuid NOT NULL
);


ALTER TABLE public.applications_review ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_review_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.applications_sandboxclass (
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    grade text NOT NULL,
    vendor_id uuid NOT NULL
);


CREATE TABLE public.applications_sandboxperson (
    id bigint NOT NULL,
    told text NOT NULL,
    claims jsonb NOT NULL,
    account_id uuid NOT NULL,
    vendor_id uuid NOT NULL
);


ALTER TABLE public.applications_sandboxperson ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_sandboxperson_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.applications_scopegrant (
    id bigint NOT NULL,
    scope text NOT NULL,
    basis text NOT NULL,
    purpose text NOT NULL,
    granted_by text NOT NULL,
    granted_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    application_id uuid NOT NULL
);


ALTER TABLE public.applications_scopegrant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_scopegrant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.applications_secret (
    id bigint NOT NULL,
    digest bytea NOT NULL,
    hint text NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    made_by text NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    application_id uuid NOT NULL
);


ALTER TABLE public.applications_secret ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_secret_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.applications_subject (
    id bigint NOT NULL,
    value text NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    account_id uuid,
    application_id uuid NOT NULL,
    person_id uuid
);


ALTER TABLE public.applications_subject ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_subject_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.applications_vendor (
    id uuid NOT NULL,
    name text NOT NULL,
    credit_code text NOT NULL,
    contact_name text NOT NULL,
    contact bytea,
    state text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    organisation_id uuid NOT NULL
);


CREATE TABLE public.applications_vendormember (
    id bigint NOT NULL,
    added_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    account_id uuid NOT NULL,
    vendor_id uuid NOT NULL
);


ALTER TABLE public.applications_vendormember ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.applications_vendormember_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);


ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);


ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);


ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.cas_service (
    id bigint NOT NULL,
    origin text NOT NULL,
    path text NOT NULL,
    added_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    application_id uuid NOT NULL
);


ALTER TABLE public.cas_service ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.cas_service_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.cas_ticket (
    digest bytea NOT NULL,
    service text NOT NULL,
    is_fresh boolean NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    application_id uuid NOT NULL,
    session_id uuid NOT NULL
);


CREATE TABLE public.collection_answer (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    state text NOT NULL,
    version integer NOT NULL,
    filled integer NOT NULL,
    warnings integer NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone,
    changed_by text NOT NULL,
    reported_at timestamp with time zone,
    reason text NOT NULL,
    post_id uuid,
    school_id uuid NOT NULL,
    collection_id uuid NOT NULL
);


CREATE TABLE public.collection_collection (
    id uuid NOT NULL,
    number text NOT NULL,
    path public.ltree NOT NULL,
    title text NOT NULL,
    note text NOT NULL,
    state text NOT NULL,
    file character varying(64) NOT NULL,
    file_name text NOT NULL,
    layout jsonb NOT NULL,
    marks jsonb NOT NULL,
    scope jsonb NOT NULL,
    post_kind text NOT NULL,
    needs_sign boolean NOT NULL,
    keep_last boolean NOT NULL,
    deadline timestamp with time zone,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    published_by text NOT NULL,
    published_at timestamp with time zone,
    ended_at timestamp with time zone,
    reason text NOT NULL,
    organisation_id uuid NOT NULL,
    previous_id uuid,
    remind_before smallint,
    reminded_for timestamp with time zone
);


CREATE TABLE public.collection_part (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    handed_by text NOT NULL,
    handed_at timestamp with time zone NOT NULL,
    collection_id uuid NOT NULL,
    organisation_id uuid NOT NULL
);


ALTER TABLE public.collection_part ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.collection_part_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.collection_report (
    id uuid NOT NULL,
    version integer NOT NULL,
    "values" jsonb NOT NULL,
    note text NOT NULL,
    digest character varying(64) NOT NULL,
    filled_by text NOT NULL,
    signed_by text NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    answer_id uuid NOT NULL
);


CREATE TABLE public.collection_sheet (
    answer_id uuid NOT NULL,
    "values" jsonb NOT NULL,
    prefill jsonb NOT NULL,
    last jsonb NOT NULL,
    note text NOT NULL,
    taken_at timestamp with time zone NOT NULL
);


CREATE TABLE public.collection_step (
    id bigint NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    by_name text NOT NULL,
    at timestamp with time zone NOT NULL,
    path public.ltree NOT NULL,
    answer_id uuid,
    collection_id uuid NOT NULL
);


ALTER TABLE public.collection_step ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.collection_step_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);


ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);


ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);


CREATE TABLE public.identity_account (
    id uuid NOT NULL,
    login text NOT NULL,
    name text NOT NULL,
    password text NOT NULL,
    state character varying(6) NOT NULL,
    epoch integer NOT NULL,
    verified_phone_blind uuid,
    verified_email text NOT NULL,
    last_role text NOT NULL,
    opened_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    activated_at timestamp with time zone,
    last_login timestamp with time zone,
    person_id uuid,
    lock_reason text DEFAULT ''::text NOT NULL,
    locked_until timestamp with time zone,
    language text DEFAULT ''::text NOT NULL,
    CONSTRAINT identity_account_state CHECK (((state)::text = ANY ((ARRAY['new'::character varying, 'active'::character varying, 'locked'::character varying, 'closed'::character varying])::text[])))
);


CREATE TABLE public.identity_activationcode (
    id bigint NOT NULL,
    code_hash uuid NOT NULL,
    purpose text NOT NULL,
    sent_to text NOT NULL,
    issued_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    issued_by text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    voided_at timestamp with time zone,
    account_id uuid,
    person_id uuid,
    sent_phone uuid,
    CONSTRAINT identity_code_for_account_or_child CHECK ((((account_id IS NOT NULL) OR (person_id IS NOT NULL)) AND (1 = (
CASE
    WHEN (account_id IS NOT NULL) THEN 1
    ELSE 0
END +
CASE
    WHEN (person_id IS NOT NULL) THEN 1
    ELSE 0
END))))
);


ALTER TABLE public.identity_activationcode ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_activationcode_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.identity_alert (
    id uuid NOT NULL,
    rule text NOT NULL,
    subject uuid NOT NULL,
    path public.ltree NOT NULL,
    day date NOT NULL,
    count integer NOT NULL,
    first_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    last_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    seen_at timestamp with time zone,
    closed_at timestamp with time zone,
    handled_by text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    told_at timestamp with time zone,
    account_id uuid
);


CREATE TABLE public.identity_alertrecipient (
    id bigint NOT NULL,
    address text NOT NULL,
    added_by text NOT NULL,
    added_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


ALTER TABLE public.identity_alertrecipient ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_alertrecipient_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.identity_alertrule (
    code text NOT NULL,
    is_on boolean NOT NULL,
    threshold integer NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


CREATE TABLE public.identity_classcard (
    id uuid NOT NULL,
    code_hash uuid NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    made_by text NOT NULL,
    revoked_at timestamp with time zone,
    account_id uuid NOT NULL
);


CREATE TABLE public.identity_classpin (
    account_id uuid NOT NULL,
    kind text NOT NULL,
    secret text NOT NULL,
    set_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    confirmed_by text NOT NULL
);


CREATE TABLE public.identity_classsession (
    id uuid NOT NULL,
    kind text NOT NULL,
    amr text[] NOT NULL,
    lesson text NOT NULL,
    began_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    code_hash uuid,
    code_serial smallint NOT NULL,
    code_until timestamp with time zone,
    account_id uuid NOT NULL,
    class_group_id uuid NOT NULL
);


CREATE TABLE public.identity_datafile (
    id uuid NOT NULL,
    role text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    done smallint NOT NULL,
    total smallint NOT NULL,
    digest text NOT NULL,
    asked_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    ready_at timestamp with time zone,
    taken_at timestamp with time zone,
    account_id uuid NOT NULL,
    person_id uuid
);


CREATE TABLE public.identity_factorrule (
    id smallint NOT NULL,
    roles text[] NOT NULL,
    grace_days integer NOT NULL,
    since timestamp with time zone,
    changed_by text NOT NULL,
    CONSTRAINT identity_factor_rule_grace CHECK (((grace_days >= 0) AND (grace_days <= 90))),
    CONSTRAINT identity_factor_rule_is_one CHECK ((id = 1))
);


CREATE TABLE public.identity_guardianclaim (
    id uuid NOT NULL,
    name text NOT NULL,
    relation character varying(2) NOT NULL,
    phone_blind uuid NOT NULL,
    sealed bytea,
    password text NOT NULL,
    state text NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    decided_at timestamp with time zone,
    decided_by text NOT NULL,
    account_id uuid,
    child_id uuid NOT NULL
);


CREATE TABLE public.identity_guardianrevocation (
    id uuid NOT NULL,
    guardianship bigint NOT NULL,
    guardian_name text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    proposed_by text NOT NULL,
    proposed_account uuid,
    proposed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    decided_by text DEFAULT ''::text NOT NULL,
    decided_at timestamp with time zone,
    document_name text DEFAULT ''::text NOT NULL,
    media text DEFAULT ''::text NOT NULL,
    sealed bytea,
    child_id uuid NOT NULL
);


CREATE TABLE public.identity_invitation (
    id bigint NOT NULL,
    round_id uuid,
    channel text NOT NULL,
    shown text NOT NULL,
    message_id uuid NOT NULL,
    invited_by text NOT NULL,
    invited_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    account_id uuid NOT NULL
);


ALTER TABLE public.identity_invitation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_invitation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.identity_invitationround (
    id uuid NOT NULL,
    state text NOT NULL,
    by_email integer NOT NULL,
    by_sms integer NOT NULL,
    without_address integer NOT NULL,
    shared_address integer NOT NULL,
    recent integer NOT NULL,
    actor jsonb NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    done_at timestamp with time zone,
    organisation_id uuid NOT NULL
);


CREATE TABLE public.identity_knowndevice (
    id bigint NOT NULL,
    device_blind uuid NOT NULL,
    seen_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    account_id uuid NOT NULL
);


ALTER TABLE public.identity_knowndevice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_knowndevice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.identity_onetimeapp (
    account_id uuid NOT NULL,
    sealed bytea NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint NOT NULL
);


CREATE TABLE public.identity_passkey (
    id uuid NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    is_synced boolean NOT NULL,
    name text NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    last_used_at timestamp with time zone,
    account_id uuid NOT NULL
);


CREATE TABLE public.identity_phonecode (
    id uuid NOT NULL,
    cause uuid NOT NULL,
    phone_blind uuid NOT NULL,
    sealed bytea NOT NULL,
    code_hash uuid NOT NULL,
    tries_left smallint NOT NULL,
    sent_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    proved_at timestamp with time zone
);


CREATE TABLE public.identity_realnameproof (
    id bigint NOT NULL,
    source text NOT NULL,
    detail text DEFAULT ''::text NOT NULL,
    noted_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    noted_by text NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    account_id uuid NOT NULL
);


ALTER TABLE public.identity_realnameproof ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_realnameproof_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.identity_recoverycode (
    id bigint NOT NULL,
    code_hash uuid NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    used_at timestamp with time zone,
    account_id uuid NOT NULL
);


ALTER TABLE public.identity_recoverycode ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_recoverycode_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.identity_roleassignment (
    id bigint NOT NULL,
    role text NOT NULL,
    valid_from timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    valid_until timestamp with time zone,
    granted_by text NOT NULL,
    granted_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    ended_by text NOT NULL,
    ended_at timestamp with time zone,
    account_id uuid NOT NULL,
    organisation_id uuid NOT NULL
);


ALTER TABLE public.identity_roleassignment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_roleassignment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.identity_roomseat (
    id uuid NOT NULL,
    state text NOT NULL,
    wrong smallint NOT NULL,
    browser_hash uuid,
    pending text NOT NULL,
    changed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    account_id uuid NOT NULL,
    class_session_id uuid NOT NULL,
    sso_session_id uuid
);


CREATE TABLE public.identity_schoolnetwork (
    id bigint NOT NULL,
    address_blind uuid NOT NULL,
    source text NOT NULL,
    name text NOT NULL,
    accounts integer NOT NULL,
    seen_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    added_by text NOT NULL
);


ALTER TABLE public.identity_schoolnetwork ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_schoolnetwork_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.identity_screenrequest (
    id uuid NOT NULL,
    browser_hash uuid NOT NULL,
    code_hash uuid NOT NULL,
    number smallint NOT NULL,
    state text NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    class_session_id uuid
);


CREATE TABLE public.identity_signinattempt (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    login_blind uuid NOT NULL,
    address_blind uuid NOT NULL,
    outcome text NOT NULL,
    account_id uuid
);


ALTER TABLE public.identity_signinattempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_signinattempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.identity_signinfigures (
    id bigint NOT NULL,
    part text NOT NULL,
    people integer NOT NULL,
    opened integer NOT NULL,
    activated integer NOT NULL,
    phone integer NOT NULL,
    email integer NOT NULL,
    active integer NOT NULL,
    dormant integer NOT NULL,
    counted_at timestamp with time zone NOT NULL,
    organisation_id uuid NOT NULL
);


ALTER TABLE public.identity_signinfigures ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_signinfigures_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.identity_sliderchallenge (
    id uuid NOT NULL,
    browser_blind uuid NOT NULL,
    destination_blind uuid NOT NULL,
    place smallint NOT NULL,
    total smallint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);


CREATE TABLE public.identity_slipbatch (
    id uuid NOT NULL,
    only_new boolean NOT NULL,
    state text NOT NULL,
    classes integer NOT NULL,
    people integer NOT NULL,
    digest text NOT NULL,
    actor jsonb NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    ready_at timestamp with time zone,
    downloaded_at timestamp with time zone,
    organisation_id uuid NOT NULL
);


CREATE TABLE public.identity_smsbudget (
    organisation_id uuid NOT NULL,
    monthly integer,
    stopped boolean DEFAULT false NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT identity_sms_budget_positive CHECK (((monthly IS NULL) OR (monthly >= 0)))
);


CREATE TABLE public.identity_smstemplate (
    kind text NOT NULL,
    code text NOT NULL,
    sign_name text NOT NULL,
    state text NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


CREATE TABLE public.identity_smsuse (
    id bigint NOT NULL,
    month date NOT NULL,
    sent integer NOT NULL,
    organisation_id uuid NOT NULL
);


ALTER TABLE public.identity_smsuse ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_smsuse_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.identity_ssosession (
    id uuid NOT NULL,
    kind text NOT NULL,
    amr text[] NOT NULL,
    auth_time timestamp with time zone NOT NULL,
    agent text NOT NULL,
    address_blind uuid,
    group_id uuid,
    began_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_because text NOT NULL,
    account_id uuid NOT NULL,
    CONSTRAINT identity_sso_end_has_a_cause CHECK ((((ended_at IS NULL) AND (ended_because = ''::text)) OR ((ended_at IS NOT NULL) AND (NOT (ended_because = ''::text)))))
);


CREATE UNLOGGED TABLE public.identity_throttle (
    key uuid NOT NULL,
    free_at timestamp with time zone NOT NULL
);


CREATE TABLE public.inbox_attachment (
    id uuid NOT NULL,
    digest text NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    media_type text NOT NULL,
    added_by text NOT NULL,
    added_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    notice_id uuid NOT NULL,
    receipt_id bigint
);


CREATE TABLE public.inbox_groupround (
    id bigint NOT NULL,
    cause text NOT NULL,
    since timestamp with time zone,
    due_at timestamp with time zone NOT NULL,
    listed_at timestamp with time zone,
    robots uuid[] NOT NULL,
    done integer NOT NULL,
    ended_at timestamp with time zone,
    notice_id uuid NOT NULL
);


ALTER TABLE public.inbox_groupround ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_groupround_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.inbox_news (
    id bigint NOT NULL,
    module text NOT NULL,
    key text NOT NULL,
    address text NOT NULL,
    text text NOT NULL,
    url text NOT NULL,
    bundle text NOT NULL,
    at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    about_id uuid
);


ALTER TABLE public.inbox_news ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_news_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.inbox_newsseen (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    news_id bigint NOT NULL,
    person_id uuid NOT NULL
);


ALTER TABLE public.inbox_newsseen ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_newsseen_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.inbox_notice (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    number text NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    needs_confirmation boolean NOT NULL,
    deadline timestamp with time zone,
    state text NOT NULL,
    reason text NOT NULL,
    reach jsonb NOT NULL,
    author text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    published_at timestamp with time zone,
    ended_at timestamp with time zone,
    class_group_id uuid,
    corrects_id uuid,
    organisation_id uuid NOT NULL,
    post_id uuid,
    is_urgent boolean DEFAULT false NOT NULL,
    remind_before smallint,
    CONSTRAINT inbox_notice_sender CHECK ((((post_id IS NOT NULL) OR (class_group_id IS NOT NULL)) AND (1 = (
CASE
    WHEN (post_id IS NOT NULL) THEN 1
    ELSE 0
END +
CASE
    WHEN (class_group_id IS NOT NULL) THEN 1
    ELSE 0
END))))
);


CREATE TABLE public.inbox_noticeserial (
    id bigint NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL,
    organisation_id uuid NOT NULL
);


ALTER TABLE public.inbox_noticeserial ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_noticeserial_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.inbox_noticetarget (
    id bigint NOT NULL,
    audience text NOT NULL,
    code text NOT NULL,
    school_type text NOT NULL,
    key text NOT NULL,
    published_at timestamp with time zone,
    class_group_id uuid,
    notice_id uuid NOT NULL,
    organisation_id uuid,
    person_id uuid,
    post_id uuid,
    handed_by_id bigint
);


ALTER TABLE public.inbox_noticetarget ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_noticetarget_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.inbox_quiethours (
    organisation_id uuid NOT NULL,
    starts time without time zone NOT NULL,
    ends time without time zone NOT NULL,
    holidays boolean NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


CREATE TABLE public.inbox_receipt (
    id bigint NOT NULL,
    kind text NOT NULL,
    subject uuid GENERATED ALWAYS AS (COALESCE(post_id, person_id)) STORED,
    read_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    confirmed_at timestamp with time zone,
    way text NOT NULL,
    by_name text NOT NULL,
    heard_by text NOT NULL,
    note text NOT NULL,
    notice_id uuid NOT NULL,
    person_id uuid,
    post_id uuid,
    CONSTRAINT inbox_receipt_subject CHECK ((((kind = 'post'::text) AND (person_id IS NULL) AND (post_id IS NOT NULL)) OR ((kind = ANY (ARRAY['child'::text, 'person'::text])) AND (person_id IS NOT NULL) AND (post_id IS NULL))))
);


ALTER TABLE public.inbox_receipt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_receipt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.inbox_reminder (
    id bigint NOT NULL,
    kind text NOT NULL,
    subject uuid GENERATED ALWAYS AS (COALESCE(post_id, person_id)) STORED,
    channel text NOT NULL,
    message_id uuid,
    sent_at timestamp with time zone,
    notice_id uuid NOT NULL,
    person_id uuid,
    post_id uuid,
    reader_id uuid NOT NULL,
    round_id bigint NOT NULL,
    CONSTRAINT inbox_reminder_subject CHECK ((((kind = 'post'::text) AND (person_id IS NULL) AND (post_id IS NOT NULL)) OR ((kind = ANY (ARRAY['child'::text, 'person'::text])) AND (person_id IS NOT NULL) AND (post_id IS NULL))))
);


ALTER TABLE public.inbox_reminder ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_reminder_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.inbox_reminderround (
    id bigint NOT NULL,
    cause text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    made_by text NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    listed_at timestamp with time zone,
    ended_at timestamp with time zone,
    outcome text NOT NULL,
    missing integer NOT NULL,
    reached integer NOT NULL,
    notice_id uuid NOT NULL
);


ALTER TABLE public.inbox_reminderround ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_reminderround_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.inbox_robot (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    sealed bytea NOT NULL,
    is_active boolean NOT NULL,
    added_by text NOT NULL,
    added_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    class_group_id uuid,
    organisation_id uuid NOT NULL
);


CREATE TABLE public.inbox_step (
    id bigint NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    by_name text NOT NULL,
    at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    notice_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    to_person_id uuid,
    to_post_id uuid
);


ALTER TABLE public.inbox_step ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_step_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.inbox_sum (
    id bigint NOT NULL,
    kind text NOT NULL,
    counted jsonb NOT NULL,
    counted_at timestamp with time zone NOT NULL,
    notice_id uuid NOT NULL
);


ALTER TABLE public.inbox_sum ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_sum_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.inbox_todo (
    id uuid NOT NULL,
    module text NOT NULL,
    key text NOT NULL,
    address text NOT NULL,
    title text NOT NULL,
    url text NOT NULL,
    due_at timestamp with time zone,
    state text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    closed_at timestamp with time zone
);


CREATE TABLE public.intake_finding (
    id bigint NOT NULL,
    file text NOT NULL,
    sheet text NOT NULL,
    "row" integer NOT NULL,
    kind text NOT NULL,
    field text NOT NULL,
    "column" text NOT NULL,
    rule text NOT NULL,
    severity text NOT NULL,
    value text NOT NULL,
    message text NOT NULL,
    responsible text NOT NULL,
    state text NOT NULL,
    owner_id uuid NOT NULL
);


ALTER TABLE public.intake_finding ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.intake_finding_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.intake_import (
    id uuid NOT NULL,
    number text NOT NULL,
    path public.ltree NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    refusal text NOT NULL,
    options jsonb NOT NULL,
    mapping jsonb NOT NULL,
    counts jsonb NOT NULL,
    chunks integer NOT NULL,
    chunks_done integer NOT NULL,
    created_by text NOT NULL,
    created_by_account uuid,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    heartbeat_at timestamp with time zone,
    organisation_id uuid NOT NULL,
    source_id smallint NOT NULL
);


CREATE TABLE public.intake_importfile (
    id bigint NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    digest text NOT NULL,
    stored text NOT NULL,
    sheets jsonb NOT NULL,
    owner_id uuid NOT NULL
);


ALTER TABLE public.intake_importfile ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.intake_importfile_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.intake_partialupload (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    received bigint NOT NULL,
    fingerprint text NOT NULL,
    digest text NOT NULL,
    touched_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


CREATE TABLE public.intake_savedmapping (
    id bigint NOT NULL,
    headings_hash text NOT NULL,
    kind text NOT NULL,
    path public.ltree NOT NULL,
    columns jsonb NOT NULL,
    confirmed_by text NOT NULL,
    confirmed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


ALTER TABLE public.intake_savedmapping ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.intake_savedmapping_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.kernel_audit (
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    actor_kind text NOT NULL,
    account_id uuid,
    person_id uuid,
    actor_name text NOT NULL,
    role text NOT NULL,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    path public.ltree,
    purpose text NOT NULL,
    request_id text NOT NULL,
    data jsonb NOT NULL
);


ALTER TABLE public.kernel_audit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.kernel_audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.kernel_audit_seal (
    number bigint NOT NULL,
    era integer NOT NULL,
    floor bigint NOT NULL,
    from_xid xid8 NOT NULL,
    from_id bigint NOT NULL,
    to_xid xid8 NOT NULL,
    to_id bigint NOT NULL,
    count integer NOT NULL,
    content bytea NOT NULL,
    previous bytea NOT NULL,
    digest bytea NOT NULL,
    mark bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    purged_at timestamp with time zone
);


CREATE TABLE public.kernel_change (
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    entity text NOT NULL,
    entity_id text NOT NULL,
    operation character varying(1) NOT NULL,
    CONSTRAINT kernel_change_operation CHECK (((operation)::text = ANY ((ARRAY['c'::character varying, 'u'::character varying, 'd'::character varying])::text[])))
);


ALTER TABLE public.kernel_change ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.kernel_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.kernel_file (
    digest character varying(64) NOT NULL,
    size bigint NOT NULL,
    stored_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


CREATE TABLE public.kernel_file_reference (
    id bigint NOT NULL,
    owner_kind text NOT NULL,
    owner_id text NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    file_id character varying(64) NOT NULL
);


ALTER TABLE public.kernel_file_reference ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.kernel_file_reference_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.kernel_home_state (
    id smallint NOT NULL,
    kind text NOT NULL,
    node_code character varying(3) NOT NULL,
    schema_version text NOT NULL,
    cluster text NOT NULL,
    feed_era integer NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT kernel_home_state_kind CHECK ((kind = ANY (ARRAY['demo'::text, 'real'::text]))),
    CONSTRAINT kernel_home_state_single CHECK ((id = 1))
);


CREATE TABLE public.kernel_key_state (
    name text NOT NULL,
    fingerprint text NOT NULL,
    target text NOT NULL
);


CREATE TABLE public.kernel_key_step (
    id bigint NOT NULL,
    task text NOT NULL,
    place text NOT NULL,
    "position" text NOT NULL,
    changed bigint NOT NULL,
    done boolean NOT NULL
);


ALTER TABLE public.kernel_key_step ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.kernel_key_step_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE UNLOGGED TABLE public.kernel_limit (
    key uuid NOT NULL,
    hits integer NOT NULL,
    ends_at timestamp with time zone NOT NULL
);


CREATE TABLE public.kernel_message (
    id uuid NOT NULL,
    channel text NOT NULL,
    kind text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    sealed bytea,
    state text NOT NULL,
    tries integer NOT NULL,
    error text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    provider_id text DEFAULT ''::text NOT NULL,
    report text DEFAULT ''::text NOT NULL,
    reported_at timestamp with time zone,
    CONSTRAINT kernel_message_state_known CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'failed'::text, 'expired'::text])))
);


CREATE TABLE public.kernel_outbox (
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL
);


CREATE TABLE public.kernel_outbox_cursor (
    handler text NOT NULL,
    era integer NOT NULL,
    xid xid8 DEFAULT '0'::xid8 NOT NULL,
    event_id bigint NOT NULL,
    trying_id bigint NOT NULL,
    tries integer NOT NULL,
    moved_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


ALTER TABLE public.kernel_outbox ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.kernel_outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.kernel_outbox_retry (
    id bigint NOT NULL,
    handler text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    next_at timestamp with time zone NOT NULL,
    error text NOT NULL,
    failed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    event_id bigint NOT NULL,
    CONSTRAINT kernel_outbox_retry_state CHECK ((state = ANY (ARRAY['waiting'::text, 'dead'::text])))
);


ALTER TABLE public.kernel_outbox_retry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.kernel_outbox_retry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.kernel_worker_beat (
    name text NOT NULL,
    pid integer NOT NULL,
    host text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    beat_at timestamp with time zone NOT NULL
);


CREATE TABLE public.lti_launch (
    id uuid NOT NULL,
    message text NOT NULL,
    role text NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    answered_at timestamp with time zone,
    class_group_id uuid,
    session_id uuid NOT NULL,
    link_id uuid,
    tool_id uuid NOT NULL,
    sandbox_class_id uuid
);


CREATE TABLE public.lti_lineitem (
    id uuid NOT NULL,
    label text NOT NULL,
    maximum numeric(12,4) NOT NULL,
    resource_id text NOT NULL,
    tag text NOT NULL,
    starts_at timestamp with time zone,
    ends_at timestamp with time zone,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    removed_at timestamp with time zone,
    class_group_id uuid,
    link_id uuid,
    tool_id uuid NOT NULL,
    sandbox_class_id uuid,
    CONSTRAINT lti_item_has_points CHECK ((maximum > (0)::numeric)),
    CONSTRAINT lti_item_in_one_class CHECK ((((class_group_id IS NULL) OR (sandbox_class_id IS NULL)) AND (1 = (
CASE
    WHEN (class_group_id IS NULL) THEN 1
    ELSE 0
END +
CASE
    WHEN (sandbox_class_id IS NULL) THEN 1
    ELSE 0
END))))
);


CREATE TABLE public.lti_resourcelink (
    id uuid NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    url text NOT NULL,
    custom jsonb NOT NULL,
    by text NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    removed_at timestamp with time zone,
    class_group_id uuid,
    tool_id uuid NOT NULL,
    ends_at timestamp with time zone,
    former_classes uuid[] NOT NULL,
    former_links uuid[] NOT NULL,
    starts_at timestamp with time zone,
    sandbox_class_id uuid,
    CONSTRAINT lti_link_ends_after_start CHECK (((starts_at IS NULL) OR (ends_at IS NULL) OR (ends_at > starts_at))),
    CONSTRAINT lti_link_one_class CHECK (((class_group_id IS NULL) OR (sandbox_class_id IS NULL)))
);


CREATE TABLE public.lti_score (
    id uuid NOT NULL,
    subject text NOT NULL,
    given numeric(12,4),
    maximum numeric(12,4),
    activity text NOT NULL,
    grading text NOT NULL,
    comment text NOT NULL,
    scored_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    account_id uuid NOT NULL,
    item_id uuid NOT NULL,
    person_id uuid
);


CREATE TABLE public.lti_tool (
    id uuid NOT NULL,
    login_url text NOT NULL,
    redirect_uris text[] NOT NULL,
    target_url text NOT NULL,
    deep_linking_url text NOT NULL,
    jwks_url text NOT NULL,
    jwks jsonb,
    fetched jsonb,
    fetched_at timestamp with time zone,
    custom jsonb NOT NULL,
    services text[] NOT NULL,
    stopped_at timestamp with time zone,
    changed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    application_id uuid NOT NULL,
    read_at timestamp with time zone,
    CONSTRAINT lti_tool_has_keys CHECK (((jwks IS NOT NULL) OR (NOT (jwks_url = ''::text))))
);


CREATE TABLE public.office_absence (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    audience text NOT NULL,
    kind text NOT NULL,
    kind_name text NOT NULL,
    starts_on date NOT NULL,
    starts_at time without time zone,
    ends_on date NOT NULL,
    ends_at time without time zone,
    days numeric(5,1) NOT NULL,
    symptoms text[] NOT NULL,
    sealed bytea,
    asked_by text NOT NULL,
    way text NOT NULL,
    approved_by text NOT NULL,
    recorded_by text NOT NULL,
    case_id uuid,
    open_lessons integer NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    returned_on date,
    returned_by text NOT NULL,
    withdrawn_at timestamp with time zone,
    withdrawn_by text NOT NULL,
    withdrawn_why text NOT NULL,
    class_group_id uuid,
    person_id uuid NOT NULL,
    school_id uuid NOT NULL,
    CONSTRAINT office_absence_ends_after_it_starts CHECK ((ends_on >= starts_on))
);


CREATE TABLE public.office_cover (
    id uuid NOT NULL,
    day date NOT NULL,
    state text NOT NULL,
    answered_at timestamp with time zone,
    answered_by text NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    absence_id uuid NOT NULL,
    change_id uuid NOT NULL,
    substitute_id uuid
);


CREATE TABLE public.office_leaverule (
    id bigint NOT NULL,
    audience text NOT NULL,
    first_days numeric(4,1) NOT NULL,
    second_days numeric(4,1) NOT NULL,
    kinds jsonb NOT NULL,
    organisation_id uuid NOT NULL
);


ALTER TABLE public.office_leaverule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.office_leaverule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.office_onlineleave (
    id bigint NOT NULL,
    is_on boolean NOT NULL,
    reason text NOT NULL,
    set_by text NOT NULL,
    set_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    organisation_id uuid NOT NULL
);


ALTER TABLE public.office_onlineleave ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.office_onlineleave_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.oidc_grant (
    id uuid NOT NULL,
    subject text NOT NULL,
    scopes text[] NOT NULL,
    redirect_uri text NOT NULL,
    challenge text NOT NULL,
    nonce text NOT NULL,
    auth_time timestamp with time zone NOT NULL,
    amr text[] NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    code_until timestamp with time zone NOT NULL,
    redeemed_at timestamp with time zone,
    generation integer NOT NULL,
    lasts_until timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_because text NOT NULL,
    account_id uuid NOT NULL,
    application_id uuid NOT NULL,
    session_id uuid NOT NULL,
    CONSTRAINT oidc_grant_generation_check CHECK ((generation >= 0))
);


CREATE TABLE public.oidc_oidcclient (
    application_id uuid NOT NULL,
    redirect_uris text[] NOT NULL,
    post_logout_uris text[] NOT NULL,
    backchannel_uri text NOT NULL,
    auth_method text NOT NULL,
    jwks jsonb,
    grants text[] NOT NULL,
    id_token_alg text NOT NULL,
    pkce_waived_because text NOT NULL,
    pkce_waived_by text NOT NULL,
    changed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT oidc_key_client_has_keys CHECK (((NOT (auth_method = 'private_key_jwt'::text)) OR (jwks IS NOT NULL))),
    CONSTRAINT oidc_public_client_uses_pkce CHECK (((NOT (auth_method = 'none'::text)) OR (pkce_waived_because = ''::text)))
);


CREATE TABLE public.oidc_signingkey (
    kid text NOT NULL,
    alg text NOT NULL,
    sealed bytea NOT NULL,
    public jsonb NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    signs_from timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone
);


CREATE TABLE public.oidc_spentid (
    id bigint NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    until timestamp with time zone NOT NULL
);


ALTER TABLE public.oidc_spentid ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.oidc_spentid_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.procrastinate_events (
    id bigint NOT NULL,
    job_id bigint NOT NULL,
    type public.procrastinate_job_event_type,
    at timestamp with time zone DEFAULT now()
);


CREATE SEQUENCE public.procrastinate_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.procrastinate_events_id_seq OWNED BY public.procrastinate_events.id;


CREATE SEQUENCE public.procrastinate_jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.procrastinate_jobs_id_seq OWNED BY public.procrastinate_jobs.id;


CREATE TABLE public.procrastinate_periodic_defers (
    id bigint NOT NULL,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint,
    periodic_id character varying(128) DEFAULT ''::character varying NOT NULL
);


CREATE SEQUENCE public.procrastinate_periodic_defers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.procrastinate_periodic_defers_id_seq OWNED BY public.procrastinate_periodic_defers.id;


CREATE TABLE public.procrastinate_workers (
    id bigint NOT NULL,
    last_heartbeat timestamp with time zone DEFAULT now() NOT NULL
);


ALTER TABLE public.procrastinate_workers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.procrastinate_workers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.quality_dayscore (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    day date NOT NULL,
    checked integer NOT NULL,
    blocks integer NOT NULL,
    reviews integer NOT NULL,
    hints integer NOT NULL,
    cost integer NOT NULL,
    score numeric(4,1) NOT NULL,
    school_id uuid NOT NULL
);


ALTER TABLE public.quality_dayscore ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.quality_dayscore_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.quality_evaluation (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    day date NOT NULL,
    state text NOT NULL,
    rules jsonb NOT NULL,
    staged text[] NOT NULL,
    next_path public.ltree,
    schools integer NOT NULL,
    found jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    beat_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone
);


CREATE TABLE public.quality_finding (
    id bigint NOT NULL,
    severity text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    path public.ltree NOT NULL,
    detail text NOT NULL,
    state text NOT NULL,
    since date NOT NULL,
    gone_on date,
    reason text NOT NULL,
    waived_by text NOT NULL,
    waived_at timestamp with time zone,
    school_id uuid NOT NULL,
    rule_id text NOT NULL,
    work_order_id bigint
);


ALTER TABLE public.quality_finding ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.quality_finding_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.quality_qualityrule (
    code text NOT NULL,
    function text NOT NULL,
    severity text NOT NULL,
    owner text NOT NULL,
    parameter integer,
    is_active boolean NOT NULL,
    changed_by text NOT NULL
);


CREATE TABLE public.quality_widefinding (
    id bigint NOT NULL,
    rule text NOT NULL,
    subject uuid NOT NULL,
    school uuid NOT NULL,
    path public.ltree NOT NULL,
    detail text NOT NULL,
    evaluation_id uuid NOT NULL
);


ALTER TABLE public.quality_widefinding ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.quality_widefinding_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.quality_workorder (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    deadline date NOT NULL,
    note text NOT NULL,
    total integer NOT NULL,
    state text NOT NULL,
    given_by text NOT NULL,
    given_by_account uuid NOT NULL,
    given_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    closed_at timestamp with time zone,
    school_id uuid NOT NULL,
    reminded_at timestamp with time zone,
    reminder text NOT NULL,
    reminders integer NOT NULL
);


ALTER TABLE public.quality_workorder ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.quality_workorder_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.reconciliation_case (
    id bigint NOT NULL,
    key uuid NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    bucket text NOT NULL,
    cause text NOT NULL,
    detail text NOT NULL,
    entries integer NOT NULL,
    former jsonb NOT NULL,
    path public.ltree NOT NULL,
    other_path public.ltree,
    owner_path public.ltree NOT NULL,
    state text NOT NULL,
    handling text NOT NULL,
    note text NOT NULL,
    is_beyond_province boolean NOT NULL,
    answered_by text NOT NULL,
    answered_at timestamp with time zone,
    due_on date NOT NULL,
    since date NOT NULL,
    seen_on date NOT NULL,
    closed_on date,
    times integer NOT NULL,
    other_school_id uuid,
    owner_id uuid NOT NULL,
    person_id uuid,
    school_id uuid NOT NULL,
    last_run_id uuid NOT NULL,
    assigned_by text NOT NULL
);


ALTER TABLE public.reconciliation_case ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_case_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.reconciliation_evidence (
    id uuid NOT NULL,
    digest text NOT NULL,
    name text NOT NULL,
    size integer NOT NULL,
    media_type text NOT NULL,
    added_by text NOT NULL,
    added_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    case_id bigint,
    ticket_id uuid,
    CONSTRAINT reconcile_evidence_owner CHECK ((((case_id IS NOT NULL) OR (ticket_id IS NOT NULL)) AND (1 = (
CASE
    WHEN (case_id IS NOT NULL) THEN 1
    ELSE 0
END +
CASE
    WHEN (ticket_id IS NOT NULL) THEN 1
    ELSE 0
END))))
);


CREATE TABLE public.reconciliation_fileentry (
    id bigint NOT NULL,
    place text NOT NULL,
    path public.ltree NOT NULL,
    name text NOT NULL,
    sex character varying(1) NOT NULL,
    birth_date date,
    id_blind uuid,
    number_blind uuid,
    id_shown text NOT NULL,
    number_shown text NOT NULL,
    state character varying(2) NOT NULL,
    grade character varying(3) NOT NULL,
    entry_on date,
    faults text[] NOT NULL,
    former jsonb NOT NULL,
    group_key uuid,
    person_id uuid,
    school_id uuid,
    file_id uuid NOT NULL
);


ALTER TABLE public.reconciliation_fileentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_fileentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.reconciliation_listedchild (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    id_blind uuid,
    id_shown text NOT NULL,
    sealed bytea,
    loaded_by text NOT NULL,
    loaded_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    organisation_id uuid NOT NULL
);


ALTER TABLE public.reconciliation_listedchild ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_listedchild_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.reconciliation_nationalfile (
    id uuid NOT NULL,
    import_id uuid NOT NULL,
    import_number text NOT NULL,
    path public.ltree NOT NULL,
    as_of date NOT NULL,
    rows integer NOT NULL,
    rejected integer NOT NULL,
    loaded_by text NOT NULL,
    staged_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


CREATE TABLE public.reconciliation_reminder (
    id bigint NOT NULL,
    owner_path public.ltree NOT NULL,
    place text NOT NULL,
    late integer NOT NULL,
    todo integer NOT NULL,
    state text NOT NULL,
    message uuid,
    told text NOT NULL,
    sent_by text NOT NULL,
    sent_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    owner_id uuid NOT NULL
);


ALTER TABLE public.reconciliation_reminder ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_reminder_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.reconciliation_run (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    as_of date NOT NULL,
    state text NOT NULL,
    rows integer NOT NULL,
    people integer NOT NULL,
    listed integer NOT NULL,
    mismatched integer NOT NULL,
    new_cases integer NOT NULL,
    closed_cases integer,
    actor_name text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    beat_at timestamp with time zone,
    compared_at timestamp with time zone,
    file_id uuid NOT NULL
);


CREATE TABLE public.reconciliation_tally (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    bucket text NOT NULL,
    cause text NOT NULL,
    entries integer NOT NULL,
    people integer NOT NULL,
    listed integer NOT NULL,
    cases integer NOT NULL,
    run_id uuid NOT NULL
);


ALTER TABLE public.reconciliation_tally ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_tally_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.reconciliation_ticket (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    field text NOT NULL,
    wanted_sealed bytea NOT NULL,
    wanted_shown text NOT NULL,
    wanted_digest uuid NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    opened_by text NOT NULL,
    opened_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    due_on date NOT NULL,
    closed_on date,
    person_id uuid NOT NULL,
    school_id uuid NOT NULL,
    case_id uuid
);


CREATE UNLOGGED TABLE public.reconciliation_work_entry (
    slice integer NOT NULL,
    key uuid NOT NULL,
    id bigint NOT NULL,
    school_id uuid,
    path public.ltree NOT NULL,
    name text,
    sex text,
    birth_date date,
    id_blind uuid,
    number_blind uuid,
    state text,
    grade text,
    faults text[],
    former jsonb,
    place text,
    person uuid,
    is_weak boolean NOT NULL,
    number_shown text,
    is_twin boolean NOT NULL
);


CREATE UNLOGGED TABLE public.reconciliation_work_judged (
    key uuid NOT NULL,
    person uuid,
    name text NOT NULL,
    name_key text NOT NULL,
    bucket text NOT NULL,
    cause text NOT NULL,
    detail text NOT NULL,
    entries integer NOT NULL,
    former jsonb NOT NULL,
    school_id uuid NOT NULL,
    path public.ltree NOT NULL,
    other_id uuid,
    owner_id uuid NOT NULL
);


CREATE UNLOGGED TABLE public.reconciliation_work_listed (
    slice integer NOT NULL,
    key uuid NOT NULL,
    person uuid,
    name text,
    name_key text,
    path public.ltree NOT NULL,
    organisation_id uuid NOT NULL
);


CREATE UNLOGGED TABLE public.reconciliation_work_seat (
    slice integer NOT NULL,
    person uuid NOT NULL,
    school_id uuid NOT NULL,
    path public.ltree NOT NULL,
    grade text,
    attendance text,
    expected_on date,
    name text,
    name_key text,
    sex text,
    birth_date date,
    id_blind uuid,
    is_inside boolean NOT NULL
);


CREATE UNLOGGED TABLE public.reconciliation_work_step (
    run_id uuid NOT NULL,
    step integer NOT NULL,
    slices integer NOT NULL
);


CREATE UNLOGGED TABLE public.reconciliation_work_tally (
    path public.ltree NOT NULL,
    bucket text NOT NULL,
    cause text NOT NULL,
    entries bigint,
    people bigint,
    listed bigint,
    cases bigint
);


CREATE TABLE public.records_actor (
    id bigint NOT NULL,
    digest uuid NOT NULL,
    asked_at timestamp with time zone,
    seen_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    person_id uuid,
    tenant_id integer NOT NULL
);


ALTER TABLE public.records_actor ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_actor_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.records_attachment (
    id bigint NOT NULL,
    sha2 text NOT NULL,
    file text NOT NULL,
    content_type text NOT NULL,
    size bigint NOT NULL,
    tenant_id integer NOT NULL
);


ALTER TABLE public.records_attachment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_attachment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.records_course (
    id uuid NOT NULL,
    title text NOT NULL,
    structure bytea NOT NULL,
    unit_count integer NOT NULL,
    added_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    added_by text NOT NULL,
    closed_at timestamp with time zone,
    organisation_id uuid NOT NULL,
    tenant_id integer NOT NULL
);


CREATE TABLE public.records_coursefile (
    id bigint NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,
    size bigint NOT NULL,
    course_id uuid NOT NULL
);


ALTER TABLE public.records_coursefile ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_coursefile_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.records_credential (
    id integer NOT NULL,
    key text NOT NULL,
    mark bytea NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    made_by text NOT NULL,
    revoked_at timestamp with time zone,
    tenant_id integer NOT NULL
);


ALTER TABLE public.records_credential ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_credential_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.records_deadletter (
    id bigint NOT NULL,
    statement uuid NOT NULL,
    status smallint NOT NULL,
    message text NOT NULL,
    tries integer NOT NULL,
    at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    forward_id integer NOT NULL
);


ALTER TABLE public.records_deadletter ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_deadletter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.records_document (
    id bigint NOT NULL,
    kind smallint NOT NULL,
    activity_key uuid,
    activity text NOT NULL,
    registration uuid,
    name_key uuid NOT NULL,
    name text NOT NULL,
    content_type text NOT NULL,
    body bytea NOT NULL,
    etag text NOT NULL,
    stored_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    actor_id bigint,
    tenant_id integer NOT NULL
);


ALTER TABLE public.records_document ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_document_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.records_face (
    id bigint NOT NULL,
    digest uuid NOT NULL,
    sealed bytea NOT NULL,
    actor_id bigint NOT NULL
);


ALTER TABLE public.records_face ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_face_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.records_forward (
    id integer NOT NULL,
    name text NOT NULL,
    endpoint text NOT NULL,
    version text NOT NULL,
    sealed bytea NOT NULL,
    "position" bigint NOT NULL,
    sent bigint NOT NULL,
    is_on boolean NOT NULL,
    failures integer NOT NULL,
    failing_since timestamp with time zone,
    next_at timestamp with time zone,
    last_error text NOT NULL,
    last_at timestamp with time zone,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    made_by text NOT NULL,
    tenant_id integer NOT NULL
);


ALTER TABLE public.records_forward ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_forward_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.records_latemark (
    mark bigint NOT NULL,
    seq bigint NOT NULL
);


CREATE TABLE public.records_mark (
    mark bigint NOT NULL,
    seq bigint NOT NULL
)
PARTITION BY RANGE (seq);


CREATE TABLE public.records_month (
    name text NOT NULL,
    begin bigint NOT NULL,
    "end" bigint NOT NULL,
    statements bigint NOT NULL,
    archived_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


CREATE TABLE public.records_part (
    id bigint NOT NULL,
    kind smallint NOT NULL,
    tenant integer NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    rows integer NOT NULL,
    size bigint NOT NULL,
    file text NOT NULL,
    month_id text NOT NULL
);


ALTER TABLE public.records_part ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_part_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.records_reference (
    target uuid NOT NULL,
    seq bigint NOT NULL,
    is_open boolean NOT NULL,
    tenant_id integer NOT NULL
);


CREATE TABLE public.records_refusal (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    method text NOT NULL,
    resource text NOT NULL,
    status smallint NOT NULL,
    code text NOT NULL,
    path text NOT NULL,
    message text NOT NULL,
    credential_id integer NOT NULL
);


ALTER TABLE public.records_refusal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_refusal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.records_registration (
    id uuid NOT NULL,
    actor_name text NOT NULL,
    satisfied text[] NOT NULL,
    started_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    done_at timestamp with time zone,
    course_id uuid NOT NULL,
    person_id uuid NOT NULL
);


CREATE TABLE public.records_session (
    id uuid NOT NULL,
    place integer NOT NULL,
    mode text NOT NULL,
    launched_at timestamp with time zone NOT NULL,
    fetch_mark bytea NOT NULL,
    fetched_at timestamp with time zone,
    mark bytea,
    preferences_at timestamp with time zone,
    verbs text[] NOT NULL,
    last_at timestamp with time zone,
    ended_at timestamp with time zone,
    ended_by text NOT NULL,
    registration_id uuid NOT NULL
);


CREATE TABLE public.records_statement (
    tenant_id integer NOT NULL,
    seq bigint NOT NULL,
    id uuid NOT NULL,
    credential integer NOT NULL,
    version smallint NOT NULL,
    body text NOT NULL,
    files text
)
PARTITION BY RANGE (seq);


CREATE TABLE public.records_statementid (
    id uuid NOT NULL,
    seq bigint NOT NULL,
    tenant_id integer NOT NULL
);


CREATE TABLE public.records_tenant (
    id integer NOT NULL,
    name text NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    application_id uuid,
    organisation_id uuid
);


ALTER TABLE public.records_tenant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_tenant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.records_term (
    id bigint NOT NULL,
    kind smallint NOT NULL,
    iri_key uuid NOT NULL,
    iri text NOT NULL,
    body text,
    seen_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    tenant_id integer NOT NULL
);


ALTER TABLE public.records_term ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_term_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE SEQUENCE public.records_tick
    AS integer
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    MAXVALUE 4095
    CACHE 1
    CYCLE;


CREATE TABLE public.records_unitstate (
    id bigint NOT NULL,
    place integer NOT NULL,
    completed_at timestamp with time zone,
    passed_at timestamp with time zone,
    failed_at timestamp with time zone,
    waived_at timestamp with time zone,
    waived_reason text NOT NULL,
    scaled double precision,
    registration_id uuid NOT NULL
);


ALTER TABLE public.records_unitstate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.records_unitstate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.records_voiding (
    target uuid NOT NULL,
    seq bigint,
    by uuid NOT NULL,
    tenant_id integer NOT NULL
);


CREATE TABLE public.records_volume (
    day date NOT NULL,
    statements integer NOT NULL,
    tenant_id integer NOT NULL
);


CREATE TABLE public.registry_appointment (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    name_key text NOT NULL,
    relation text NOT NULL,
    employment_kind text NOT NULL,
    staff_number text NOT NULL,
    post text NOT NULL,
    title text NOT NULL,
    stage text NOT NULL,
    subject text NOT NULL,
    source text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    full_time boolean
);


ALTER TABLE public.registry_appointment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_appointment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_classgroup (
    id uuid NOT NULL,
    kind text NOT NULL,
    grades character varying(3)[] NOT NULL,
    entry_year integer,
    serial integer,
    name text NOT NULL,
    written_name text NOT NULL,
    local_name text NOT NULL,
    campus text NOT NULL,
    room text NOT NULL,
    size integer NOT NULL,
    source text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    course_id uuid,
    school_id uuid NOT NULL,
    school_year_id character varying(9) NOT NULL,
    closed_on date
);


CREATE TABLE public.registry_classgroup_terms (
    id bigint NOT NULL,
    classgroup_id uuid NOT NULL,
    term_id uuid NOT NULL
);


ALTER TABLE public.registry_classgroup_terms ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_classgroup_terms_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_classmembership (
    id bigint NOT NULL,
    number integer,
    source text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    class_group_id uuid NOT NULL,
    person_id uuid NOT NULL
);


ALTER TABLE public.registry_classmembership ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_classmembership_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_codetable (
    code text NOT NULL,
    name text NOT NULL,
    standard text NOT NULL,
    version text NOT NULL
);


CREATE TABLE public.registry_codevalue (
    id bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    parent_code text NOT NULL,
    note text NOT NULL,
    synonyms jsonb NOT NULL,
    sort_order integer NOT NULL,
    retired_on date,
    table_id text NOT NULL
);


ALTER TABLE public.registry_codevalue ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_codevalue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_course (
    id uuid NOT NULL,
    name text NOT NULL,
    code text NOT NULL,
    subject text NOT NULL,
    organisation_id uuid
);


CREATE TABLE public.registry_duty (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    kind text NOT NULL,
    grade character varying(3) NOT NULL,
    subject text NOT NULL,
    source text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    class_group_id uuid,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL
);


ALTER TABLE public.registry_duty ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_duty_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_enrolment (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    name_key text NOT NULL,
    grade character varying(3) NOT NULL,
    attendance text NOT NULL,
    school_number text NOT NULL,
    boarding boolean,
    source text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    school_id uuid NOT NULL,
    person_id uuid NOT NULL,
    expected_on date,
    reason text DEFAULT ''::text NOT NULL
);


ALTER TABLE public.registry_enrolment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_enrolment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_externalidentifier (
    id bigint NOT NULL,
    issuer text NOT NULL,
    value text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    organisation_id uuid,
    person_id uuid
);


ALTER TABLE public.registry_externalidentifier ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_externalidentifier_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_fielddefinition (
    id bigint NOT NULL,
    entity text NOT NULL,
    field text NOT NULL,
    label text NOT NULL,
    element text NOT NULL,
    owner text NOT NULL,
    sensitivity text NOT NULL,
    code_table text NOT NULL,
    synonyms jsonb NOT NULL
);


ALTER TABLE public.registry_fielddefinition ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_fielddefinition_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_guardianship (
    id bigint NOT NULL,
    relation character varying(2) NOT NULL,
    kind text NOT NULL,
    is_primary boolean NOT NULL,
    lives_with boolean,
    proof text NOT NULL,
    confirmed_by_school boolean NOT NULL,
    source text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    guardian_organisation_id uuid,
    child_id uuid NOT NULL,
    guardian_id uuid,
    until date,
    CONSTRAINT registry_guardian_is_person_or_organisation CHECK ((((guardian_id IS NOT NULL) OR (guardian_organisation_id IS NOT NULL)) AND (1 = (
CASE
    WHEN (guardian_id IS NOT NULL) THEN 1
    ELSE 0
END +
CASE
    WHEN (guardian_organisation_id IS NOT NULL) THEN 1
    ELSE 0
END))))
);


ALTER TABLE public.registry_guardianship ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_guardianship_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_listexport (
    id uuid NOT NULL,
    kind text NOT NULL,
    path public.ltree NOT NULL,
    grade character varying(3) NOT NULL,
    title text NOT NULL,
    columns text[] NOT NULL,
    file_format text NOT NULL,
    is_clear boolean NOT NULL,
    reason text NOT NULL,
    people integer NOT NULL,
    state text NOT NULL,
    actor jsonb NOT NULL,
    made_by uuid NOT NULL,
    made_by_name text NOT NULL,
    decided_by uuid,
    decided_by_name text NOT NULL,
    decision text NOT NULL,
    decided_at timestamp with time zone,
    digest text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    ready_at timestamp with time zone,
    class_group_id uuid,
    organisation_id uuid NOT NULL,
    CONSTRAINT registry_export_decided_by_another CHECK (((decided_by IS NULL) OR (NOT ((decided_by = made_by) AND (decided_by IS NOT NULL)))))
);


CREATE TABLE public.registry_listlayout (
    id bigint NOT NULL,
    account_id uuid NOT NULL,
    kind text NOT NULL,
    columns text[] NOT NULL,
    changed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


ALTER TABLE public.registry_listlayout ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_listlayout_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_loadedchunk (
    id bigint NOT NULL,
    import_id uuid NOT NULL,
    kind text NOT NULL,
    "position" integer NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    counts jsonb NOT NULL,
    touched uuid[] NOT NULL,
    applied_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


ALTER TABLE public.registry_loadedchunk ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_loadedchunk_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_organisation (
    id uuid NOT NULL,
    code text,
    name text NOT NULL,
    short_name text NOT NULL,
    name_key text NOT NULL,
    name_initials text NOT NULL,
    kind text NOT NULL,
    school_type text NOT NULL,
    ownership text NOT NULL,
    schooling text NOT NULL,
    class_display text NOT NULL,
    urban_rural text NOT NULL,
    division_code text NOT NULL,
    address text NOT NULL,
    phone text NOT NULL,
    label text NOT NULL,
    path public.ltree NOT NULL,
    territory_path public.ltree,
    sort_order integer NOT NULL,
    closed_on date,
    synthetic boolean NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    parent_id uuid
);


CREATE SEQUENCE public.registry_organisation_label
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


CREATE TABLE public.registry_organisationcount (
    organisation_id uuid NOT NULL,
    students integer NOT NULL,
    registered integer NOT NULL,
    staff integer NOT NULL,
    guardians integer NOT NULL,
    classes integer NOT NULL,
    people integer NOT NULL,
    updated_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


CREATE TABLE public.registry_organisationparent (
    id bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    organisation_id uuid NOT NULL,
    parent_id uuid NOT NULL
);


ALTER TABLE public.registry_organisationparent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_organisationparent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_organisationrelation (
    id bigint NOT NULL,
    kind text NOT NULL,
    role text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    head_id uuid NOT NULL,
    member_id uuid NOT NULL,
    until date
);


ALTER TABLE public.registry_organisationrelation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_organisationrelation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_person (
    id uuid NOT NULL,
    number character varying(12) NOT NULL,
    path public.ltree NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    name_initials text NOT NULL,
    sex character varying(1) NOT NULL,
    birth_date date,
    ethnicity character varying(2) NOT NULL,
    nationality character varying(3) NOT NULL,
    id_type character varying(2) NOT NULL,
    id_blind uuid,
    phone_blind uuid,
    sealed bytea,
    email text NOT NULL,
    attributes jsonb NOT NULL,
    deceased_on date,
    synthetic boolean NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    canonical_id uuid,
    organisation_id uuid NOT NULL
);


CREATE SEQUENCE public.registry_person_serial
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    MAXVALUE 99999999
    CACHE 1;


CREATE TABLE public.registry_personhistory (
    id bigint NOT NULL,
    recorded_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    before jsonb NOT NULL,
    sealed_before bytea,
    source text NOT NULL,
    actor_name text NOT NULL,
    import_id uuid,
    person_id uuid NOT NULL
);


ALTER TABLE public.registry_personhistory ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_personhistory_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_post (
    id uuid NOT NULL,
    kind text NOT NULL,
    phone text NOT NULL,
    closed_on date,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    organisation_id uuid NOT NULL
);


CREATE TABLE public.registry_postholder (
    id bigint NOT NULL,
    place character varying(1) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    person_id uuid NOT NULL,
    post_id uuid NOT NULL
);


ALTER TABLE public.registry_postholder ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_postholder_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_pupilattribute (
    id bigint NOT NULL,
    kind text NOT NULL,
    is_sensitive boolean NOT NULL,
    value text NOT NULL,
    note text NOT NULL,
    sealed bytea,
    source text NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    person_id uuid NOT NULL,
    until date,
    CONSTRAINT registry_sensitive_attribute_is_sealed CHECK (((NOT is_sensitive) OR ((note = ''::text) AND (value = ''::text))))
);


ALTER TABLE public.registry_pupilattribute ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_pupilattribute_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_registerentry (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    number_blind uuid,
    sealed bytea,
    state character varying(2) NOT NULL,
    grade character varying(3) NOT NULL,
    source text NOT NULL,
    as_of date NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    person_id uuid NOT NULL,
    school_id uuid NOT NULL
);


ALTER TABLE public.registry_registerentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_registerentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_schooladvance (
    id uuid NOT NULL,
    to_year character varying(9) NOT NULL,
    starts_on date NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    change_after bigint NOT NULL,
    change_until bigint NOT NULL,
    last_enrolment bigint NOT NULL,
    counts jsonb NOT NULL,
    actor_name text NOT NULL,
    applied_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    undone_at timestamp with time zone,
    school_id uuid NOT NULL
);


CREATE TABLE public.registry_schoolyear (
    code character varying(9) NOT NULL,
    start_on date NOT NULL,
    end_on date NOT NULL,
    is_current boolean NOT NULL
);


CREATE TABLE public.registry_source (
    id smallint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


ALTER TABLE public.registry_source ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_source_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_sourcelink (
    id bigint NOT NULL,
    kind text NOT NULL,
    key_hash uuid NOT NULL,
    row_hash uuid NOT NULL,
    entity_uuid uuid,
    entity_row bigint,
    source_id smallint NOT NULL
);


ALTER TABLE public.registry_sourcelink ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_sourcelink_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_suspectpair (
    id bigint NOT NULL,
    rule text NOT NULL,
    state text NOT NULL,
    carried uuid[] NOT NULL,
    reason text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamp with time zone,
    found_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    first_id uuid NOT NULL,
    kept_id uuid,
    second_id uuid NOT NULL,
    CONSTRAINT registry_suspect_order CHECK ((first_id < second_id))
);


ALTER TABLE public.registry_suspectpair ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_suspectpair_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_teachingassignment (
    id bigint NOT NULL,
    subject text NOT NULL,
    role text NOT NULL,
    weekly_periods numeric(4,1),
    source text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    class_group_id uuid NOT NULL,
    person_id uuid NOT NULL
);


ALTER TABLE public.registry_teachingassignment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_teachingassignment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.registry_term (
    id uuid NOT NULL,
    code character varying(1) NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    start_on date NOT NULL,
    end_on date NOT NULL,
    organisation_id uuid,
    school_year_id character varying(9) NOT NULL
);


CREATE TABLE public.saml_key (
    id bigint NOT NULL,
    certificate text NOT NULL,
    sealed bytea NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    signs_from timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone
);


ALTER TABLE public.saml_key ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.saml_key_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.saml_pending (
    id uuid NOT NULL,
    request_id text NOT NULL,
    acs_url text NOT NULL,
    relay_state text NOT NULL,
    force boolean NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    provider_id bigint NOT NULL
);


CREATE TABLE public.saml_provider (
    id bigint NOT NULL,
    entity_id text NOT NULL,
    acs jsonb NOT NULL,
    slo jsonb NOT NULL,
    certificates text[] NOT NULL,
    wants_signed_requests boolean NOT NULL,
    set_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    application_id uuid NOT NULL
);


ALTER TABLE public.saml_provider ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.saml_provider_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.service_hall_beyondtransfer (
    id uuid NOT NULL,
    direction text NOT NULL,
    name text NOT NULL,
    grade character varying(3) NOT NULL,
    path public.ltree NOT NULL,
    other_province text NOT NULL,
    other_school text NOT NULL,
    serial text NOT NULL,
    links jsonb NOT NULL,
    due_on date NOT NULL,
    state text NOT NULL,
    ending text NOT NULL,
    opened_by text NOT NULL,
    opened_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    ended_on date,
    person_id uuid,
    school_id uuid NOT NULL,
    CONSTRAINT service_hall_beyond_ended CHECK ((((state = 'open'::text) OR (ended_on IS NOT NULL)) AND (1 = (
CASE
    WHEN (state = 'open'::text) THEN 1
    ELSE 0
END +
CASE
    WHEN (ended_on IS NOT NULL) THEN 1
    ELSE 0
END))))
);


CREATE TABLE public.service_hall_guidenote (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    service text NOT NULL,
    contact text NOT NULL,
    days integer,
    materials jsonb NOT NULL,
    set_by text NOT NULL,
    set_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    organisation_id uuid NOT NULL
);


ALTER TABLE public.service_hall_guidenote ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.service_hall_guidenote_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.service_hall_paper (
    id uuid NOT NULL,
    number text NOT NULL,
    check_code character varying(9) NOT NULL,
    kind text NOT NULL,
    path public.ltree NOT NULL,
    facts jsonb NOT NULL,
    sealed bytea,
    purpose text NOT NULL,
    issued_by text NOT NULL,
    issued_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    valid_until date NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by text NOT NULL,
    reason text NOT NULL,
    person_id uuid NOT NULL,
    school_id uuid NOT NULL
);


CREATE TABLE public.service_hall_paperrequest (
    id uuid NOT NULL,
    kind text NOT NULL,
    applicant_name text NOT NULL,
    path public.ltree NOT NULL,
    purpose text NOT NULL,
    doubts jsonb NOT NULL,
    state text NOT NULL,
    answer text NOT NULL,
    asked_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    due_on date NOT NULL,
    decided_at timestamp with time zone,
    decided_by text NOT NULL,
    applicant_id uuid NOT NULL,
    paper_id uuid,
    person_id uuid NOT NULL,
    school_id uuid NOT NULL
);


CREATE TABLE public.service_hall_paperserial (
    id bigint NOT NULL,
    series character varying(2) NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL,
    school_id uuid NOT NULL
);


ALTER TABLE public.service_hall_paperserial ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.service_hall_paperserial_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.service_hall_placerule (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    kind text NOT NULL,
    "values" jsonb NOT NULL,
    source text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    set_by text NOT NULL,
    set_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    organisation_id uuid NOT NULL,
    CONSTRAINT service_hall_rule_days CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);


CREATE TABLE public.service_hall_seatplan (
    id bigint NOT NULL,
    school_year character varying(9) NOT NULL,
    grade character varying(3) NOT NULL,
    classes integer NOT NULL,
    per_class integer,
    planned_by text NOT NULL,
    planned_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    school_id uuid NOT NULL,
    CONSTRAINT service_hall_seat_plan_size CHECK (((classes >= 0) AND ((per_class IS NULL) OR (per_class > 0))))
);


ALTER TABLE public.service_hall_seatplan ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.service_hall_seatplan_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.service_hall_transfer (
    id uuid NOT NULL,
    case_id uuid,
    path public.ltree NOT NULL,
    grade character varying(3) NOT NULL,
    state text NOT NULL,
    serial text NOT NULL,
    took jsonb,
    sits_from date,
    asked_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    asked_by text NOT NULL,
    submitted_on date,
    ended_on date,
    ending text NOT NULL,
    from_school_id uuid NOT NULL,
    person_id uuid NOT NULL,
    to_school_id uuid NOT NULL
);


CREATE TABLE public.statistics_classcheck (
    id bigint NOT NULL,
    class_id uuid NOT NULL,
    name text NOT NULL,
    size integer NOT NULL,
    listed integer NOT NULL,
    checked_by text NOT NULL,
    checked_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    round_id uuid NOT NULL,
    school_id uuid NOT NULL
);


ALTER TABLE public.statistics_classcheck ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.statistics_classcheck_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.statistics_conditions (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    year character varying(9) NOT NULL,
    version integer NOT NULL,
    "values" jsonb NOT NULL,
    entered_by text NOT NULL,
    entered_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    school_id uuid NOT NULL
);


ALTER TABLE public.statistics_conditions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.statistics_conditions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.statistics_pseudonym (
    key uuid NOT NULL,
    person_id uuid NOT NULL
);


CREATE TABLE public.statistics_reminder (
    id bigint NOT NULL,
    people jsonb NOT NULL,
    messages jsonb NOT NULL,
    sent_by text NOT NULL,
    sent_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    round_id uuid NOT NULL,
    school_id uuid NOT NULL
);


ALTER TABLE public.statistics_reminder ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.statistics_reminder_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.statistics_room (
    id bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    seats integer,
    building text NOT NULL,
    owner_id bigint NOT NULL
);


ALTER TABLE public.statistics_room ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.statistics_room_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.statistics_round (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    year character varying(9) NOT NULL,
    term character varying(1) NOT NULL,
    deadline date NOT NULL,
    opened_by text NOT NULL,
    opened_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    closed_at timestamp with time zone,
    organisation_id uuid NOT NULL,
    snapshot_id uuid
);


CREATE TABLE public.statistics_sheet (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    serial integer NOT NULL,
    version integer NOT NULL,
    number text NOT NULL,
    check_code character varying(9) NOT NULL,
    digest character varying(64) NOT NULL,
    note text NOT NULL,
    state text NOT NULL,
    submitted_by text NOT NULL,
    submitted_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    ticks jsonb NOT NULL,
    confirmed_by text NOT NULL,
    confirmed_at timestamp with time zone,
    returned_by text NOT NULL,
    returned_at timestamp with time zone,
    return_reason text NOT NULL,
    scan character varying(64) NOT NULL,
    scan_name text NOT NULL,
    scan_by text NOT NULL,
    scan_at timestamp with time zone,
    received_by text NOT NULL,
    received_at timestamp with time zone,
    round_id uuid NOT NULL,
    school_id uuid NOT NULL,
    snapshot_id uuid NOT NULL,
    class_checks jsonb NOT NULL
);


CREATE TABLE public.statistics_snapshot (
    id uuid NOT NULL,
    kind text NOT NULL,
    path public.ltree NOT NULL,
    taken_on date NOT NULL,
    year character varying(9) NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    schools integer NOT NULL,
    digest character varying(64) NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    sealed_at timestamp with time zone,
    organisation_id uuid NOT NULL
);


CREATE TABLE public.statistics_snapshotchange (
    id bigint NOT NULL,
    school_id uuid NOT NULL,
    key uuid NOT NULL,
    code character varying(2) NOT NULL,
    direction smallint NOT NULL,
    grade character varying(3) NOT NULL,
    sex character varying(1) NOT NULL,
    snapshot_id uuid NOT NULL
);


ALTER TABLE public.statistics_snapshotchange ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.statistics_snapshotchange_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.statistics_snapshotclass (
    id bigint NOT NULL,
    school_id uuid NOT NULL,
    class_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    grades character varying(3)[] NOT NULL,
    grade character varying(3) NOT NULL,
    size integer NOT NULL,
    snapshot_id uuid NOT NULL
);


ALTER TABLE public.statistics_snapshotclass ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.statistics_snapshotclass_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.statistics_snapshotpupil (
    id bigint NOT NULL,
    school_id uuid NOT NULL,
    key uuid NOT NULL,
    class_id uuid,
    grade character varying(3) NOT NULL,
    sex character varying(1) NOT NULL,
    age integer,
    register_state character varying(2) NOT NULL,
    attendance text NOT NULL,
    boarding boolean,
    migrant boolean NOT NULL,
    left_behind boolean NOT NULL,
    included boolean NOT NULL,
    household text NOT NULL,
    snapshot_id uuid NOT NULL
);


ALTER TABLE public.statistics_snapshotpupil ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.statistics_snapshotpupil_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.statistics_snapshotschool (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    territory_path public.ltree,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    school_type text NOT NULL,
    schooling text NOT NULL,
    urban_rural text NOT NULL,
    ownership text NOT NULL,
    conditions jsonb NOT NULL,
    rooms jsonb NOT NULL,
    digest character varying(64) NOT NULL,
    frozen_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    previous_id uuid,
    school_id uuid NOT NULL,
    snapshot_id uuid NOT NULL
);


ALTER TABLE public.statistics_snapshotschool ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.statistics_snapshotschool_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.statistics_snapshotstaff (
    id bigint NOT NULL,
    school_id uuid NOT NULL,
    key uuid NOT NULL,
    works boolean NOT NULL,
    employs boolean NOT NULL,
    employment_kind text NOT NULL,
    sex character varying(1) NOT NULL,
    age integer,
    title text NOT NULL,
    degree text NOT NULL,
    subject text NOT NULL,
    stage text NOT NULL,
    full_time_teacher boolean NOT NULL,
    snapshot_id uuid NOT NULL,
    education text NOT NULL
);


ALTER TABLE public.statistics_snapshotstaff ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.statistics_snapshotstaff_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.timetable_bellperiod (
    id bigint NOT NULL,
    slot character varying(4) NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    starts time without time zone NOT NULL,
    ends time without time zone NOT NULL,
    schedule_id uuid NOT NULL,
    CONSTRAINT timetable_period_ends_after_start CHECK ((ends > starts))
);


ALTER TABLE public.timetable_bellperiod ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.timetable_bellperiod_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.timetable_bellschedule (
    id uuid NOT NULL,
    name text NOT NULL,
    campus text NOT NULL,
    grades character varying(3)[] NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    school_id uuid NOT NULL,
    CONSTRAINT timetable_bells_end_after_start CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);


CREATE TABLE public.timetable_calendarday (
    id bigint NOT NULL,
    day date NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    follows_day date,
    follows_weekday smallint NOT NULL,
    notice text NOT NULL,
    updated_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    organisation_id uuid NOT NULL,
    CONSTRAINT timetable_weekday_of_entry CHECK (((follows_weekday >= 0) AND (follows_weekday <= 7)))
);


ALTER TABLE public.timetable_calendarday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.timetable_calendarday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.timetable_calendarstate (
    id smallint NOT NULL,
    number bigint NOT NULL
);


CREATE TABLE public.timetable_feed (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    read_on date,
    revoked_at timestamp with time zone,
    class_group_id uuid,
    owner_id uuid NOT NULL
);


CREATE TABLE public.timetable_lesson (
    id bigint NOT NULL,
    weekday smallint NOT NULL,
    slot character varying(4) NOT NULL,
    subject text NOT NULL,
    weeks bigint NOT NULL,
    room text NOT NULL,
    joint text NOT NULL,
    origin text NOT NULL,
    class_group_id uuid NOT NULL,
    timetable_id uuid NOT NULL,
    CONSTRAINT timetable_weekday_of_lesson CHECK (((weekday >= 1) AND (weekday <= 7)))
);


ALTER TABLE public.timetable_lesson ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.timetable_lesson_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.timetable_lessonchange (
    id uuid NOT NULL,
    day date NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    to_day date,
    to_slot character varying(4) NOT NULL,
    pair uuid,
    reason text NOT NULL,
    note text NOT NULL,
    counts boolean NOT NULL,
    made_by text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    withdrawn_at timestamp with time zone,
    withdrawn_by text NOT NULL,
    lesson_id bigint NOT NULL,
    original_id uuid,
    school_id uuid NOT NULL,
    substitute_id uuid,
    CONSTRAINT timetable_move_has_a_day CHECK (((NOT (kind = 'move'::text)) OR (to_day IS NOT NULL)))
);


CREATE TABLE public.timetable_lessonteacher (
    id bigint NOT NULL,
    lesson_id bigint NOT NULL,
    person_id uuid NOT NULL
);


ALTER TABLE public.timetable_lessonteacher ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.timetable_lessonteacher_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.timetable_termrule (
    term_id uuid NOT NULL,
    first_week text NOT NULL
);


CREATE TABLE public.timetable_timetable (
    id uuid NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    effective_from date,
    published_at timestamp with time zone,
    published_by text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    school_id uuid NOT NULL,
    term_id uuid NOT NULL,
    CONSTRAINT timetable_published_has_a_day CHECK (((state = 'draft'::text) OR (effective_from IS NOT NULL)))
);


CREATE TABLE public.timetable_timetableimport (
    id uuid NOT NULL,
    file_name text NOT NULL,
    state text NOT NULL,
    classes integer NOT NULL,
    lessons integer NOT NULL,
    findings jsonb NOT NULL,
    more_findings integer NOT NULL,
    read_by text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    school_id uuid NOT NULL,
    timetable_id uuid
);


CREATE TABLE public.upstream_identifier (
    id bigint NOT NULL,
    issuer text NOT NULL,
    value text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    linked_by text NOT NULL,
    linked_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    person_id uuid NOT NULL
);


ALTER TABLE public.upstream_identifier ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.upstream_identifier_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.upstream_issuerkeys (
    issuer text NOT NULL,
    keys jsonb,
    read_at timestamp with time zone,
    tried_at timestamp with time zone
);


CREATE TABLE public.upstream_source (
    id uuid NOT NULL,
    code character varying(30) NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    issuer text NOT NULL,
    options jsonb NOT NULL,
    sealed bytea,
    link_by text[] NOT NULL,
    is_open boolean NOT NULL,
    made_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    trusts_factor boolean NOT NULL
);


CREATE TABLE public.upstream_spenttoken (
    id bigint NOT NULL,
    jti text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    source_id uuid NOT NULL
);


ALTER TABLE public.upstream_spenttoken ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.upstream_spenttoken_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.upstream_unmatched (
    id bigint NOT NULL,
    subject text NOT NULL,
    sealed bytea,
    reason text NOT NULL,
    state text NOT NULL,
    times integer NOT NULL,
    first_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    last_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamp with time zone,
    source_id uuid NOT NULL
);


ALTER TABLE public.upstream_unmatched ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.upstream_unmatched_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.upstream_visit (
    id bigint NOT NULL,
    session_above text NOT NULL,
    subject text NOT NULL,
    session_id uuid NOT NULL,
    source_id uuid NOT NULL
);


ALTER TABLE public.upstream_visit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.upstream_visit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.workflow_call (
    id bigint NOT NULL,
    token integer NOT NULL,
    node text NOT NULL,
    handler text NOT NULL,
    inputs jsonb NOT NULL,
    answer jsonb,
    done_at timestamp with time zone NOT NULL,
    undone_at timestamp with time zone,
    case_id uuid NOT NULL
);


ALTER TABLE public.workflow_call ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflow_call_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.workflow_case (
    id uuid NOT NULL,
    number text NOT NULL,
    title text NOT NULL,
    path public.ltree NOT NULL,
    starter_name text NOT NULL,
    state text NOT NULL,
    was text NOT NULL,
    reason text NOT NULL,
    decision text NOT NULL,
    engine jsonb NOT NULL,
    revision integer NOT NULL,
    parent_token integer,
    saved smallint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    yellow_at timestamp with time zone,
    paused_at timestamp with time zone,
    ended_at timestamp with time zone,
    archived_at timestamp with time zone,
    organisation_id uuid NOT NULL,
    parent_id uuid,
    starter_id uuid,
    subject_id uuid,
    version_id uuid NOT NULL,
    CONSTRAINT workflow_case_ends CHECK ((((state = ANY (ARRAY['running'::text, 'returned'::text, 'stuck'::text, 'suspended'::text])) OR (ended_at IS NOT NULL)) AND (1 = (
CASE
    WHEN (state = ANY (ARRAY['running'::text, 'returned'::text, 'stuck'::text, 'suspended'::text])) THEN 1
    ELSE 0
END +
CASE
    WHEN (ended_at IS NOT NULL) THEN 1
    ELSE 0
END))))
)
WITH (fillfactor='80');


CREATE TABLE public.workflow_casearchive (
    case_id uuid NOT NULL,
    packed bytea NOT NULL,
    packed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


CREATE TABLE public.workflow_casedata (
    case_id uuid NOT NULL,
    fields jsonb NOT NULL
)
WITH (fillfactor='80');


CREATE TABLE public.workflow_casefile (
    id uuid NOT NULL,
    node text NOT NULL,
    field text NOT NULL,
    kind text NOT NULL,
    digest text NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    media_type text NOT NULL,
    added_by text NOT NULL,
    added_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    case_id uuid NOT NULL,
    person_id uuid,
    task_id uuid
);


CREATE TABLE public.workflow_caselog (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    act text NOT NULL,
    node text NOT NULL,
    task uuid,
    name text NOT NULL,
    decision text NOT NULL,
    comment text NOT NULL,
    data jsonb NOT NULL,
    case_id uuid NOT NULL,
    person_id uuid
);


ALTER TABLE public.workflow_caselog ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflow_caselog_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.workflow_casepaper (
    case_id uuid NOT NULL,
    code text NOT NULL,
    issued_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);


CREATE TABLE public.workflow_caseseal (
    id uuid NOT NULL,
    organisation text NOT NULL,
    signer text NOT NULL,
    serial text NOT NULL,
    sealed_by text NOT NULL,
    sealed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    case_id uuid NOT NULL,
    file_id uuid NOT NULL
);


CREATE TABLE public.workflow_caseserial (
    id bigint NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL,
    organisation_id uuid NOT NULL
);


ALTER TABLE public.workflow_caseserial ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflow_caseserial_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.workflow_definitionversion (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    key text NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    summary text NOT NULL,
    state text NOT NULL,
    bpmn text NOT NULL,
    graph jsonb,
    outline jsonb,
    forms jsonb NOT NULL,
    digest text NOT NULL,
    origin text NOT NULL,
    author text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    published_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    derived_from_id uuid,
    organisation_id uuid NOT NULL,
    audience text[] NOT NULL,
    CONSTRAINT workflow_published_is_fixed CHECK (((state = 'draft'::text) OR (NOT (digest = ''::text))))
);


CREATE TABLE public.workflow_subscription (
    id bigint NOT NULL,
    token integer NOT NULL,
    node text NOT NULL,
    name text NOT NULL,
    key text NOT NULL,
    is_signal boolean NOT NULL,
    case_id uuid NOT NULL
);


ALTER TABLE public.workflow_subscription ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflow_subscription_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.workflow_task (
    id uuid NOT NULL,
    token integer NOT NULL,
    node text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    addresses text[] NOT NULL,
    state text NOT NULL,
    decision text NOT NULL,
    comment text NOT NULL,
    actor_name text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    yellow_at timestamp with time zone,
    ended_at timestamp with time zone,
    days_used smallint,
    actor_id uuid,
    asked_by_id uuid,
    case_id uuid NOT NULL,
    holder_id uuid,
    CONSTRAINT workflow_task_ends CHECK ((((state = 'open'::text) OR (ended_at IS NOT NULL)) AND (1 = (
CASE
    WHEN (state = 'open'::text) THEN 1
    ELSE 0
END +
CASE
    WHEN (ended_at IS NOT NULL) THEN 1
    ELSE 0
END))))
);


CREATE TABLE public.workflow_timer (
    id bigint NOT NULL,
    token integer NOT NULL,
    node text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    "left" integer NOT NULL,
    attempts smallint NOT NULL,
    case_id uuid NOT NULL
);


ALTER TABLE public.workflow_timer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflow_timer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.yearly_placement (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    year character varying(9) NOT NULL,
    grade character varying(3) NOT NULL,
    classes integer NOT NULL,
    reduction integer NOT NULL,
    most_included integer NOT NULL,
    teams jsonb NOT NULL,
    state text NOT NULL,
    inputs_sha256 character varying(64) NOT NULL,
    frozen_at timestamp with time zone,
    seed text NOT NULL,
    seed_source text NOT NULL,
    witnesses text NOT NULL,
    drawn_at timestamp with time zone,
    drawn_by text NOT NULL,
    sealed jsonb NOT NULL,
    sha256 character varying(64) NOT NULL,
    class_ids jsonb NOT NULL,
    applied_at timestamp with time zone,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    school_id uuid NOT NULL
);


CREATE TABLE public.yearly_placementpupil (
    id bigint NOT NULL,
    number character varying(12) NOT NULL,
    sex character varying(1) NOT NULL,
    band integer NOT NULL,
    included boolean NOT NULL,
    bond text NOT NULL,
    bond_group text NOT NULL,
    place integer,
    "position" integer,
    is_late boolean NOT NULL,
    person_id uuid NOT NULL,
    placement_id uuid NOT NULL
);


ALTER TABLE public.yearly_placementpupil ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.yearly_placementpupil_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.yearly_plannedclass (
    id bigint NOT NULL,
    "position" integer NOT NULL,
    name text NOT NULL,
    grades jsonb NOT NULL,
    size integer NOT NULL,
    target_name text NOT NULL,
    target_grades jsonb NOT NULL,
    is_new boolean NOT NULL,
    after integer NOT NULL,
    moves jsonb NOT NULL,
    head_stays boolean NOT NULL,
    class_group_id uuid NOT NULL,
    head_id uuid,
    plan_id bigint NOT NULL
);


ALTER TABLE public.yearly_plannedclass ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.yearly_plannedclass_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.yearly_pupildecision (
    id bigint NOT NULL,
    kind text NOT NULL,
    grade character varying(3) NOT NULL,
    grade_after character varying(3) NOT NULL,
    reason text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamp with time zone,
    class_after_id uuid,
    class_group_id uuid,
    person_id uuid NOT NULL,
    plan_id bigint NOT NULL
);


ALTER TABLE public.yearly_pupildecision ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.yearly_pupildecision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.yearly_rollover (
    to_year character varying(9) NOT NULL,
    from_year character varying(9) NOT NULL,
    starts_on date NOT NULL,
    new_from date NOT NULL,
    locks_at timestamp with time zone NOT NULL,
    locked_at timestamp with time zone,
    locked_by text NOT NULL
);


CREATE TABLE public.yearly_rolloverrun (
    id uuid NOT NULL,
    path public.ltree NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    total integer NOT NULL,
    done integer NOT NULL,
    options jsonb NOT NULL,
    result jsonb NOT NULL,
    account_id uuid,
    person_id uuid,
    actor_name text NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    beat_at timestamp with time zone,
    finished_at timestamp with time zone,
    rollover_id character varying(9) NOT NULL
);


CREATE TABLE public.yearly_schoolplan (
    id bigint NOT NULL,
    path public.ltree NOT NULL,
    name_key text NOT NULL,
    state text NOT NULL,
    up integer NOT NULL,
    stage integer NOT NULL,
    central integer NOT NULL,
    graduate integer NOT NULL,
    new integer NOT NULL,
    stay integer NOT NULL,
    undecided integer NOT NULL,
    figures jsonb NOT NULL,
    entering jsonb NOT NULL,
    missing jsonb NOT NULL,
    heads_missing integer NOT NULL,
    rules jsonb NOT NULL,
    fault text NOT NULL,
    computed_at timestamp with time zone,
    applied_at timestamp with time zone,
    applied_by text NOT NULL,
    rollover_id character varying(9) NOT NULL,
    school_id uuid NOT NULL
);


ALTER TABLE public.yearly_schoolplan ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.yearly_schoolplan_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


ALTER TABLE ONLY public.procrastinate_events ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_events_id_seq'::regclass);


ALTER TABLE ONLY public.procrastinate_jobs ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_jobs_id_seq'::regclass);


ALTER TABLE ONLY public.procrastinate_periodic_defers ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_periodic_defers_id_seq'::regclass);


ALTER TABLE ONLY public.applications_adoption
    ADD CONSTRAINT applications_adoption_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_application
    ADD CONSTRAINT applications_application_client_id_key UNIQUE (client_id);


ALTER TABLE ONLY public.applications_application
    ADD CONSTRAINT applications_application_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_applicationfiling
    ADD CONSTRAINT applications_applicationfiling_pkey PRIMARY KEY (application_id);


ALTER TABLE ONLY public.applications_consent
    ADD CONSTRAINT applications_consent_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_consentbatch
    ADD CONSTRAINT applications_consentbatch_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_legacyaccount
    ADD CONSTRAINT applications_legacy_once UNIQUE (application_id, vendor_user);


ALTER TABLE ONLY public.applications_legacyaccount
    ADD CONSTRAINT applications_legacyaccount_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_logoutnotice
    ADD CONSTRAINT applications_logoutnotice_participation_id_key UNIQUE (participation_id);


ALTER TABLE ONLY public.applications_logoutnotice
    ADD CONSTRAINT applications_logoutnotice_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_review
    ADD CONSTRAINT applications_one_review_of_a_kind UNIQUE (application_id, round, kind);


ALTER TABLE ONLY public.applications_vendormember
    ADD CONSTRAINT applications_one_vendor_an_account UNIQUE (account_id);


ALTER TABLE ONLY public.applications_participation
    ADD CONSTRAINT applications_participation_once UNIQUE (session_id, application_id, protocol, key);


ALTER TABLE ONLY public.applications_participation
    ADD CONSTRAINT applications_participation_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_release
    ADD CONSTRAINT applications_release_once UNIQUE (application_id, account_id, protocol, fields_digest, day);


ALTER TABLE ONLY public.applications_release
    ADD CONSTRAINT applications_release_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_requestlog
    ADD CONSTRAINT applications_requestlog_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_review
    ADD CONSTRAINT applications_review_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_sandboxclass
    ADD CONSTRAINT applications_sandbox_class_once UNIQUE (vendor_id, code);


ALTER TABLE ONLY public.applications_sandboxperson
    ADD CONSTRAINT applications_sandbox_person_once UNIQUE (vendor_id, account_id);


ALTER TABLE ONLY public.applications_sandboxclass
    ADD CONSTRAINT applications_sandboxclass_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_sandboxperson
    ADD CONSTRAINT applications_sandboxperson_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_scopegrant
    ADD CONSTRAINT applications_scopegrant_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_secret
    ADD CONSTRAINT applications_secret_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_subject
    ADD CONSTRAINT applications_subject_account UNIQUE (application_id, account_id);


ALTER TABLE ONLY public.applications_subject
    ADD CONSTRAINT applications_subject_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_subject
    ADD CONSTRAINT applications_subject_value UNIQUE (application_id, value);


ALTER TABLE ONLY public.applications_review
    ADD CONSTRAINT applications_three_reviewers UNIQUE (application_id, round, account_id);


ALTER TABLE ONLY public.applications_vendor
    ADD CONSTRAINT applications_vendor_credit_code UNIQUE (organisation_id, credit_code);


ALTER TABLE ONLY public.applications_vendor
    ADD CONSTRAINT applications_vendor_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.applications_vendormember
    ADD CONSTRAINT applications_vendormember_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);


ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);


ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);


ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.cas_service
    ADD CONSTRAINT cas_service_once UNIQUE (origin, path);


ALTER TABLE ONLY public.cas_service
    ADD CONSTRAINT cas_service_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.cas_ticket
    ADD CONSTRAINT cas_ticket_pkey PRIMARY KEY (digest);


ALTER TABLE ONLY public.collection_answer
    ADD CONSTRAINT collection_answer_once UNIQUE (collection_id, school_id);


ALTER TABLE ONLY public.collection_answer
    ADD CONSTRAINT collection_answer_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.collection_collection
    ADD CONSTRAINT collection_collection_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.collection_part
    ADD CONSTRAINT collection_part_once UNIQUE (collection_id, organisation_id);


ALTER TABLE ONLY public.collection_part
    ADD CONSTRAINT collection_part_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.collection_report
    ADD CONSTRAINT collection_report_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.collection_report
    ADD CONSTRAINT collection_report_version UNIQUE (answer_id, version);


ALTER TABLE ONLY public.collection_sheet
    ADD CONSTRAINT collection_sheet_pkey PRIMARY KEY (answer_id);


ALTER TABLE ONLY public.collection_step
    ADD CONSTRAINT collection_step_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);


ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);


ALTER TABLE ONLY public.identity_account
    ADD CONSTRAINT identity_account_login UNIQUE (login);


ALTER TABLE ONLY public.identity_account
    ADD CONSTRAINT identity_account_person UNIQUE (person_id);


ALTER TABLE ONLY public.identity_account
    ADD CONSTRAINT identity_account_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_activationcode
    ADD CONSTRAINT identity_activationcode_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_alert
    ADD CONSTRAINT identity_alert_once_a_day UNIQUE (rule, subject, day);


ALTER TABLE ONLY public.identity_alert
    ADD CONSTRAINT identity_alert_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_alertrecipient
    ADD CONSTRAINT identity_alertrecipient_address_key UNIQUE (address);


ALTER TABLE ONLY public.identity_alertrecipient
    ADD CONSTRAINT identity_alertrecipient_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_alertrule
    ADD CONSTRAINT identity_alertrule_pkey PRIMARY KEY (code);


ALTER TABLE ONLY public.identity_classcard
    ADD CONSTRAINT identity_classcard_code_hash_key UNIQUE (code_hash);


ALTER TABLE ONLY public.identity_classcard
    ADD CONSTRAINT identity_classcard_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_classpin
    ADD CONSTRAINT identity_classpin_pkey PRIMARY KEY (account_id);


ALTER TABLE ONLY public.identity_classsession
    ADD CONSTRAINT identity_classsession_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_activationcode
    ADD CONSTRAINT identity_code_hash UNIQUE (code_hash);


ALTER TABLE ONLY public.identity_datafile
    ADD CONSTRAINT identity_datafile_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_roleassignment
    ADD CONSTRAINT identity_duties_exclude_each_other EXCLUDE USING gist (account_id WITH =, role WITH <>) WHERE (((ended_at IS NULL) AND (role = ANY (ARRAY['auditor'::text, 'operator'::text, 'security_admin'::text, 'system_admin'::text]))));


ALTER TABLE ONLY public.identity_factorrule
    ADD CONSTRAINT identity_factorrule_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_signinfigures
    ADD CONSTRAINT identity_figures_once UNIQUE (organisation_id, part);


ALTER TABLE ONLY public.identity_guardianclaim
    ADD CONSTRAINT identity_guardianclaim_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_guardianrevocation
    ADD CONSTRAINT identity_guardianrevocation_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_invitation
    ADD CONSTRAINT identity_invitation_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_invitationround
    ADD CONSTRAINT identity_invitationround_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_knowndevice
    ADD CONSTRAINT identity_known_device_once UNIQUE (account_id, device_blind);


ALTER TABLE ONLY public.identity_knowndevice
    ADD CONSTRAINT identity_knowndevice_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_roomseat
    ADD CONSTRAINT identity_one_seat_a_pupil UNIQUE (class_session_id, account_id);


ALTER TABLE ONLY public.identity_onetimeapp
    ADD CONSTRAINT identity_onetimeapp_pkey PRIMARY KEY (account_id);


ALTER TABLE ONLY public.identity_passkey
    ADD CONSTRAINT identity_passkey_credential_id_key UNIQUE (credential_id);


ALTER TABLE ONLY public.identity_passkey
    ADD CONSTRAINT identity_passkey_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_phonecode
    ADD CONSTRAINT identity_phonecode_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_realnameproof
    ADD CONSTRAINT identity_realnameproof_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_recoverycode
    ADD CONSTRAINT identity_recoverycode_code_hash_key UNIQUE (code_hash);


ALTER TABLE ONLY public.identity_recoverycode
    ADD CONSTRAINT identity_recoverycode_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_roleassignment
    ADD CONSTRAINT identity_roleassignment_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_roomseat
    ADD CONSTRAINT identity_roomseat_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_schoolnetwork
    ADD CONSTRAINT identity_schoolnetwork_address_blind_key UNIQUE (address_blind);


ALTER TABLE ONLY public.identity_schoolnetwork
    ADD CONSTRAINT identity_schoolnetwork_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_screenrequest
    ADD CONSTRAINT identity_screenrequest_code_hash_key UNIQUE (code_hash);


ALTER TABLE ONLY public.identity_screenrequest
    ADD CONSTRAINT identity_screenrequest_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_signinattempt
    ADD CONSTRAINT identity_signinattempt_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_signinfigures
    ADD CONSTRAINT identity_signinfigures_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_sliderchallenge
    ADD CONSTRAINT identity_sliderchallenge_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_slipbatch
    ADD CONSTRAINT identity_slipbatch_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_smsuse
    ADD CONSTRAINT identity_sms_use_once UNIQUE (organisation_id, month);


ALTER TABLE ONLY public.identity_smsbudget
    ADD CONSTRAINT identity_smsbudget_pkey PRIMARY KEY (organisation_id);


ALTER TABLE ONLY public.identity_smstemplate
    ADD CONSTRAINT identity_smstemplate_pkey PRIMARY KEY (kind);


ALTER TABLE ONLY public.identity_smsuse
    ADD CONSTRAINT identity_smsuse_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_ssosession
    ADD CONSTRAINT identity_ssosession_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.identity_throttle
    ADD CONSTRAINT identity_throttle_pkey PRIMARY KEY (key);


ALTER TABLE ONLY public.inbox_attachment
    ADD CONSTRAINT inbox_attachment_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_groupround
    ADD CONSTRAINT inbox_groupround_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_news
    ADD CONSTRAINT inbox_news_once UNIQUE (module, key, address);


ALTER TABLE ONLY public.inbox_news
    ADD CONSTRAINT inbox_news_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_newsseen
    ADD CONSTRAINT inbox_news_seen_once UNIQUE (news_id, person_id);


ALTER TABLE ONLY public.inbox_newsseen
    ADD CONSTRAINT inbox_newsseen_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_notice
    ADD CONSTRAINT inbox_notice_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_noticeserial
    ADD CONSTRAINT inbox_noticeserial_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_noticetarget
    ADD CONSTRAINT inbox_noticetarget_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_noticeserial
    ADD CONSTRAINT inbox_one_serial_a_year UNIQUE (organisation_id, year);


ALTER TABLE ONLY public.inbox_quiethours
    ADD CONSTRAINT inbox_quiethours_pkey PRIMARY KEY (organisation_id);


ALTER TABLE ONLY public.inbox_receipt
    ADD CONSTRAINT inbox_receipt_once UNIQUE (notice_id, kind, subject);


ALTER TABLE ONLY public.inbox_receipt
    ADD CONSTRAINT inbox_receipt_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_reminder
    ADD CONSTRAINT inbox_reminder_once UNIQUE (round_id, kind, subject, reader_id);


ALTER TABLE ONLY public.inbox_reminder
    ADD CONSTRAINT inbox_reminder_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_reminderround
    ADD CONSTRAINT inbox_reminderround_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_robot
    ADD CONSTRAINT inbox_robot_name UNIQUE NULLS NOT DISTINCT (organisation_id, class_group_id, name);


ALTER TABLE ONLY public.inbox_robot
    ADD CONSTRAINT inbox_robot_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_step
    ADD CONSTRAINT inbox_step_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_sum
    ADD CONSTRAINT inbox_sum_once UNIQUE (notice_id, kind);


ALTER TABLE ONLY public.inbox_sum
    ADD CONSTRAINT inbox_sum_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.inbox_noticetarget
    ADD CONSTRAINT inbox_target_once UNIQUE (notice_id, key);


ALTER TABLE ONLY public.inbox_todo
    ADD CONSTRAINT inbox_todo_key UNIQUE (module, key);


ALTER TABLE ONLY public.inbox_todo
    ADD CONSTRAINT inbox_todo_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.intake_finding
    ADD CONSTRAINT intake_finding_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.intake_import
    ADD CONSTRAINT intake_import_number_key UNIQUE (number);


ALTER TABLE ONLY public.intake_import
    ADD CONSTRAINT intake_import_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.intake_importfile
    ADD CONSTRAINT intake_importfile_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.intake_partialupload
    ADD CONSTRAINT intake_partialupload_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.intake_savedmapping
    ADD CONSTRAINT intake_saved_mapping UNIQUE (headings_hash, path);


ALTER TABLE ONLY public.intake_savedmapping
    ADD CONSTRAINT intake_savedmapping_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.kernel_audit
    ADD CONSTRAINT kernel_audit_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.kernel_audit_seal
    ADD CONSTRAINT kernel_audit_seal_pkey PRIMARY KEY (number);


ALTER TABLE ONLY public.kernel_change
    ADD CONSTRAINT kernel_change_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.kernel_file
    ADD CONSTRAINT kernel_file_pkey PRIMARY KEY (digest);


ALTER TABLE ONLY public.kernel_file_reference
    ADD CONSTRAINT kernel_file_reference_once UNIQUE (owner_kind, owner_id, file_id, name);


ALTER TABLE ONLY public.kernel_file_reference
    ADD CONSTRAINT kernel_file_reference_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.kernel_home_state
    ADD CONSTRAINT kernel_home_state_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.kernel_key_state
    ADD CONSTRAINT kernel_key_state_pkey PRIMARY KEY (name);


ALTER TABLE ONLY public.kernel_key_step
    ADD CONSTRAINT kernel_key_step_once UNIQUE (task, place);


ALTER TABLE ONLY public.kernel_key_step
    ADD CONSTRAINT kernel_key_step_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.kernel_limit
    ADD CONSTRAINT kernel_limit_pkey PRIMARY KEY (key);


ALTER TABLE ONLY public.kernel_message
    ADD CONSTRAINT kernel_message_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.kernel_outbox_cursor
    ADD CONSTRAINT kernel_outbox_cursor_pkey PRIMARY KEY (handler);


ALTER TABLE ONLY public.kernel_outbox
    ADD CONSTRAINT kernel_outbox_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.kernel_outbox_retry
    ADD CONSTRAINT kernel_outbox_retry_once UNIQUE (event_id, handler);


ALTER TABLE ONLY public.kernel_outbox_retry
    ADD CONSTRAINT kernel_outbox_retry_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.kernel_worker_beat
    ADD CONSTRAINT kernel_worker_beat_pkey PRIMARY KEY (name);


ALTER TABLE ONLY public.lti_launch
    ADD CONSTRAINT lti_launch_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.lti_lineitem
    ADD CONSTRAINT lti_lineitem_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.lti_resourcelink
    ADD CONSTRAINT lti_resourcelink_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.lti_score
    ADD CONSTRAINT lti_score_once UNIQUE (item_id, account_id);


ALTER TABLE ONLY public.lti_score
    ADD CONSTRAINT lti_score_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.lti_tool
    ADD CONSTRAINT lti_tool_application_id_key UNIQUE (application_id);


ALTER TABLE ONLY public.lti_tool
    ADD CONSTRAINT lti_tool_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.office_absence
    ADD CONSTRAINT office_absence_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.office_cover
    ADD CONSTRAINT office_cover_change_id_key UNIQUE (change_id);


ALTER TABLE ONLY public.office_cover
    ADD CONSTRAINT office_cover_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.office_leaverule
    ADD CONSTRAINT office_leaverule_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.office_leaverule
    ADD CONSTRAINT office_one_rule UNIQUE (organisation_id, audience);


ALTER TABLE ONLY public.office_onlineleave
    ADD CONSTRAINT office_onlineleave_organisation_id_key UNIQUE (organisation_id);


ALTER TABLE ONLY public.office_onlineleave
    ADD CONSTRAINT office_onlineleave_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.oidc_grant
    ADD CONSTRAINT oidc_grant_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.oidc_oidcclient
    ADD CONSTRAINT oidc_oidcclient_pkey PRIMARY KEY (application_id);


ALTER TABLE ONLY public.oidc_signingkey
    ADD CONSTRAINT oidc_signingkey_pkey PRIMARY KEY (kid);


ALTER TABLE ONLY public.oidc_spentid
    ADD CONSTRAINT oidc_spent_once UNIQUE (kind, value);


ALTER TABLE ONLY public.oidc_spentid
    ADD CONSTRAINT oidc_spentid_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, periodic_id, defer_timestamp);


ALTER TABLE ONLY public.procrastinate_workers
    ADD CONSTRAINT procrastinate_workers_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.quality_dayscore
    ADD CONSTRAINT quality_dayscore_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.quality_evaluation
    ADD CONSTRAINT quality_evaluation_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.quality_finding
    ADD CONSTRAINT quality_finding_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.quality_qualityrule
    ADD CONSTRAINT quality_qualityrule_pkey PRIMARY KEY (code);


ALTER TABLE ONLY public.quality_dayscore
    ADD CONSTRAINT quality_score_once_a_day UNIQUE (day, school_id);


ALTER TABLE ONLY public.quality_widefinding
    ADD CONSTRAINT quality_widefinding_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.quality_workorder
    ADD CONSTRAINT quality_workorder_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.reconciliation_case
    ADD CONSTRAINT reconciliation_case_key_key UNIQUE (key);


ALTER TABLE ONLY public.reconciliation_case
    ADD CONSTRAINT reconciliation_case_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.reconciliation_evidence
    ADD CONSTRAINT reconciliation_evidence_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.reconciliation_fileentry
    ADD CONSTRAINT reconciliation_fileentry_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.reconciliation_listedchild
    ADD CONSTRAINT reconciliation_listedchild_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.reconciliation_nationalfile
    ADD CONSTRAINT reconciliation_nationalfile_import_id_key UNIQUE (import_id);


ALTER TABLE ONLY public.reconciliation_nationalfile
    ADD CONSTRAINT reconciliation_nationalfile_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.reconciliation_reminder
    ADD CONSTRAINT reconciliation_reminder_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.reconciliation_run
    ADD CONSTRAINT reconciliation_run_file_id_key UNIQUE (file_id);


ALTER TABLE ONLY public.reconciliation_run
    ADD CONSTRAINT reconciliation_run_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.reconciliation_tally
    ADD CONSTRAINT reconciliation_tally_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.reconciliation_ticket
    ADD CONSTRAINT reconciliation_ticket_case_id_key UNIQUE (case_id);


ALTER TABLE ONLY public.reconciliation_ticket
    ADD CONSTRAINT reconciliation_ticket_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.reconciliation_work_judged
    ADD CONSTRAINT reconciliation_work_judged_pkey PRIMARY KEY (key);


ALTER TABLE ONLY public.reconciliation_work_step
    ADD CONSTRAINT reconciliation_work_step_pkey PRIMARY KEY (run_id, step);


ALTER TABLE ONLY public.records_actor
    ADD CONSTRAINT records_actor_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_attachment
    ADD CONSTRAINT records_attachment_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_course
    ADD CONSTRAINT records_course_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_coursefile
    ADD CONSTRAINT records_coursefile_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_credential
    ADD CONSTRAINT records_credential_key_key UNIQUE (key);


ALTER TABLE ONLY public.records_credential
    ADD CONSTRAINT records_credential_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_deadletter
    ADD CONSTRAINT records_deadletter_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_document
    ADD CONSTRAINT records_document_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_face
    ADD CONSTRAINT records_face_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_forward
    ADD CONSTRAINT records_forward_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_latemark
    ADD CONSTRAINT records_latemark_pkey PRIMARY KEY (mark, seq);


ALTER TABLE ONLY public.records_mark
    ADD CONSTRAINT records_mark_pkey PRIMARY KEY (mark, seq);


ALTER TABLE ONLY public.records_month
    ADD CONSTRAINT records_month_pkey PRIMARY KEY (name);


ALTER TABLE ONLY public.records_actor
    ADD CONSTRAINT records_one_actor UNIQUE (tenant_id, digest);


ALTER TABLE ONLY public.records_attachment
    ADD CONSTRAINT records_one_attachment UNIQUE (tenant_id, sha2);


ALTER TABLE ONLY public.records_coursefile
    ADD CONSTRAINT records_one_course_file UNIQUE (course_id, name);


ALTER TABLE ONLY public.records_deadletter
    ADD CONSTRAINT records_one_dead_letter UNIQUE (forward_id, statement);


ALTER TABLE ONLY public.records_document
    ADD CONSTRAINT records_one_document UNIQUE NULLS NOT DISTINCT (tenant_id, kind, actor_id, activity_key, registration, name_key);


ALTER TABLE ONLY public.records_face
    ADD CONSTRAINT records_one_face UNIQUE (actor_id, digest);


ALTER TABLE ONLY public.records_registration
    ADD CONSTRAINT records_one_registration UNIQUE (course_id, person_id);


ALTER TABLE ONLY public.records_tenant
    ADD CONSTRAINT records_one_tenant UNIQUE NULLS NOT DISTINCT (application_id, organisation_id, name);


ALTER TABLE ONLY public.records_term
    ADD CONSTRAINT records_one_term UNIQUE (tenant_id, kind, iri_key);


ALTER TABLE ONLY public.records_unitstate
    ADD CONSTRAINT records_one_unit_state UNIQUE (registration_id, place);


ALTER TABLE ONLY public.records_part
    ADD CONSTRAINT records_part_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_reference
    ADD CONSTRAINT records_reference_pkey PRIMARY KEY (target, seq, tenant_id);


ALTER TABLE ONLY public.records_refusal
    ADD CONSTRAINT records_refusal_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_registration
    ADD CONSTRAINT records_registration_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_session
    ADD CONSTRAINT records_session_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_statement
    ADD CONSTRAINT records_statement_pkey PRIMARY KEY (tenant_id, seq);


ALTER TABLE ONLY public.records_statementid
    ADD CONSTRAINT records_statementid_pkey PRIMARY KEY (id, tenant_id);


ALTER TABLE ONLY public.records_tenant
    ADD CONSTRAINT records_tenant_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_term
    ADD CONSTRAINT records_term_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_unitstate
    ADD CONSTRAINT records_unitstate_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.records_voiding
    ADD CONSTRAINT records_voiding_pkey PRIMARY KEY (target, tenant_id);


ALTER TABLE ONLY public.records_volume
    ADD CONSTRAINT records_volume_pkey PRIMARY KEY (tenant_id, day);


ALTER TABLE ONLY public.registry_appointment
    ADD CONSTRAINT registry_appointment_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_classgroup
    ADD CONSTRAINT registry_classgroup_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_classgroup_terms
    ADD CONSTRAINT registry_classgroup_terms_classgroup_id_term_id_db3db5d2_uniq UNIQUE (classgroup_id, term_id);


ALTER TABLE ONLY public.registry_classgroup_terms
    ADD CONSTRAINT registry_classgroup_terms_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_classmembership
    ADD CONSTRAINT registry_classmembership_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_codevalue
    ADD CONSTRAINT registry_code_value UNIQUE (table_id, code);


ALTER TABLE ONLY public.registry_codetable
    ADD CONSTRAINT registry_codetable_pkey PRIMARY KEY (code);


ALTER TABLE ONLY public.registry_codevalue
    ADD CONSTRAINT registry_codevalue_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_course
    ADD CONSTRAINT registry_course_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_duty
    ADD CONSTRAINT registry_duty_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_enrolment
    ADD CONSTRAINT registry_enrolment_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_externalidentifier
    ADD CONSTRAINT registry_externalidentifier_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_fielddefinition
    ADD CONSTRAINT registry_field_definition UNIQUE (entity, field);


ALTER TABLE ONLY public.registry_fielddefinition
    ADD CONSTRAINT registry_fielddefinition_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_guardianship
    ADD CONSTRAINT registry_guardianship_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_listexport
    ADD CONSTRAINT registry_listexport_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_listlayout
    ADD CONSTRAINT registry_listlayout_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_loadedchunk
    ADD CONSTRAINT registry_loadedchunk_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_listlayout
    ADD CONSTRAINT registry_one_layout UNIQUE (account_id, kind);


ALTER TABLE ONLY public.registry_organisation
    ADD CONSTRAINT registry_organisation_code UNIQUE (code);


ALTER TABLE ONLY public.registry_organisation
    ADD CONSTRAINT registry_organisation_label_key UNIQUE (label);


ALTER TABLE ONLY public.registry_organisation
    ADD CONSTRAINT registry_organisation_path UNIQUE (path);


ALTER TABLE ONLY public.registry_organisation
    ADD CONSTRAINT registry_organisation_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_organisationcount
    ADD CONSTRAINT registry_organisationcount_pkey PRIMARY KEY (organisation_id);


ALTER TABLE ONLY public.registry_organisationparent
    ADD CONSTRAINT registry_organisationparent_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_organisationrelation
    ADD CONSTRAINT registry_organisationrelation_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_person
    ADD CONSTRAINT registry_person_number UNIQUE (number);


ALTER TABLE ONLY public.registry_person
    ADD CONSTRAINT registry_person_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_personhistory
    ADD CONSTRAINT registry_personhistory_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_post
    ADD CONSTRAINT registry_post_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_postholder
    ADD CONSTRAINT registry_postholder_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_pupilattribute
    ADD CONSTRAINT registry_pupilattribute_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_registerentry
    ADD CONSTRAINT registry_registerentry_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_schooladvance
    ADD CONSTRAINT registry_schooladvance_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_schoolyear
    ADD CONSTRAINT registry_schoolyear_pkey PRIMARY KEY (code);


ALTER TABLE ONLY public.registry_source
    ADD CONSTRAINT registry_source_code_key UNIQUE (code);


ALTER TABLE ONLY public.registry_sourcelink
    ADD CONSTRAINT registry_source_link UNIQUE (source_id, kind, key_hash);


ALTER TABLE ONLY public.registry_source
    ADD CONSTRAINT registry_source_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_sourcelink
    ADD CONSTRAINT registry_sourcelink_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_suspectpair
    ADD CONSTRAINT registry_suspect_once UNIQUE (first_id, second_id);


ALTER TABLE ONLY public.registry_suspectpair
    ADD CONSTRAINT registry_suspectpair_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_teachingassignment
    ADD CONSTRAINT registry_teachingassignment_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.registry_term
    ADD CONSTRAINT registry_term_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.saml_key
    ADD CONSTRAINT saml_key_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.saml_pending
    ADD CONSTRAINT saml_pending_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.saml_provider
    ADD CONSTRAINT saml_provider_application_id_key UNIQUE (application_id);


ALTER TABLE ONLY public.saml_provider
    ADD CONSTRAINT saml_provider_once UNIQUE (entity_id);


ALTER TABLE ONLY public.saml_provider
    ADD CONSTRAINT saml_provider_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.service_hall_beyondtransfer
    ADD CONSTRAINT service_hall_beyondtransfer_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.service_hall_guidenote
    ADD CONSTRAINT service_hall_guidenote_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.service_hall_guidenote
    ADD CONSTRAINT service_hall_one_guide_note UNIQUE (organisation_id, service);


ALTER TABLE ONLY public.service_hall_seatplan
    ADD CONSTRAINT service_hall_one_seat_plan UNIQUE (school_id, school_year, grade);


ALTER TABLE ONLY public.service_hall_paperserial
    ADD CONSTRAINT service_hall_one_serial UNIQUE (school_id, series, year);


ALTER TABLE ONLY public.service_hall_paper
    ADD CONSTRAINT service_hall_paper_number_key UNIQUE (number);


ALTER TABLE ONLY public.service_hall_paper
    ADD CONSTRAINT service_hall_paper_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.service_hall_paperrequest
    ADD CONSTRAINT service_hall_paperrequest_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.service_hall_paperserial
    ADD CONSTRAINT service_hall_paperserial_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.service_hall_placerule
    ADD CONSTRAINT service_hall_placerule_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.service_hall_seatplan
    ADD CONSTRAINT service_hall_seatplan_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.service_hall_transfer
    ADD CONSTRAINT service_hall_transfer_case_id_key UNIQUE (case_id);


ALTER TABLE ONLY public.service_hall_transfer
    ADD CONSTRAINT service_hall_transfer_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_snapshotchange
    ADD CONSTRAINT statistics_change_once UNIQUE (snapshot_id, school_id, key);


ALTER TABLE ONLY public.statistics_classcheck
    ADD CONSTRAINT statistics_class_check_once UNIQUE (round_id, school_id, class_id);


ALTER TABLE ONLY public.statistics_snapshotclass
    ADD CONSTRAINT statistics_class_once UNIQUE (snapshot_id, school_id, class_id);


ALTER TABLE ONLY public.statistics_classcheck
    ADD CONSTRAINT statistics_classcheck_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_conditions
    ADD CONSTRAINT statistics_conditions_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_conditions
    ADD CONSTRAINT statistics_conditions_version UNIQUE (school_id, year, version);


ALTER TABLE ONLY public.statistics_pseudonym
    ADD CONSTRAINT statistics_pseudonym_person UNIQUE (person_id);


ALTER TABLE ONLY public.statistics_pseudonym
    ADD CONSTRAINT statistics_pseudonym_pkey PRIMARY KEY (key);


ALTER TABLE ONLY public.statistics_snapshotpupil
    ADD CONSTRAINT statistics_pupil_once UNIQUE (snapshot_id, school_id, key);


ALTER TABLE ONLY public.statistics_reminder
    ADD CONSTRAINT statistics_reminder_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_room
    ADD CONSTRAINT statistics_room_once UNIQUE (owner_id, building, name);


ALTER TABLE ONLY public.statistics_room
    ADD CONSTRAINT statistics_room_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_round
    ADD CONSTRAINT statistics_round_once UNIQUE (organisation_id, year, term);


ALTER TABLE ONLY public.statistics_round
    ADD CONSTRAINT statistics_round_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_snapshotschool
    ADD CONSTRAINT statistics_school_once UNIQUE (snapshot_id, school_id);


ALTER TABLE ONLY public.statistics_sheet
    ADD CONSTRAINT statistics_sheet_number UNIQUE (number);


ALTER TABLE ONLY public.statistics_sheet
    ADD CONSTRAINT statistics_sheet_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_sheet
    ADD CONSTRAINT statistics_sheet_version UNIQUE (round_id, school_id, version);


ALTER TABLE ONLY public.statistics_snapshot
    ADD CONSTRAINT statistics_snapshot_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_snapshotchange
    ADD CONSTRAINT statistics_snapshotchange_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_snapshotclass
    ADD CONSTRAINT statistics_snapshotclass_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_snapshotpupil
    ADD CONSTRAINT statistics_snapshotpupil_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_snapshotschool
    ADD CONSTRAINT statistics_snapshotschool_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_snapshotstaff
    ADD CONSTRAINT statistics_snapshotstaff_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.statistics_snapshotstaff
    ADD CONSTRAINT statistics_staff_once UNIQUE (snapshot_id, school_id, key);


ALTER TABLE ONLY public.timetable_bellperiod
    ADD CONSTRAINT timetable_bellperiod_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.timetable_bellschedule
    ADD CONSTRAINT timetable_bellschedule_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.timetable_calendarday
    ADD CONSTRAINT timetable_calendarday_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.timetable_calendarstate
    ADD CONSTRAINT timetable_calendarstate_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.timetable_feed
    ADD CONSTRAINT timetable_feed_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.timetable_lesson
    ADD CONSTRAINT timetable_lesson_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.timetable_lessonchange
    ADD CONSTRAINT timetable_lessonchange_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.timetable_lessonteacher
    ADD CONSTRAINT timetable_lessonteacher_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.timetable_timetable
    ADD CONSTRAINT timetable_number_of_version UNIQUE (school_id, term_id, number);


ALTER TABLE ONLY public.timetable_calendarday
    ADD CONSTRAINT timetable_one_entry_a_day UNIQUE (organisation_id, day);


ALTER TABLE ONLY public.timetable_bellperiod
    ADD CONSTRAINT timetable_one_period_a_slot UNIQUE (schedule_id, slot);


ALTER TABLE ONLY public.timetable_lessonteacher
    ADD CONSTRAINT timetable_teacher_once_a_lesson UNIQUE (lesson_id, person_id);


ALTER TABLE ONLY public.timetable_termrule
    ADD CONSTRAINT timetable_termrule_pkey PRIMARY KEY (term_id);


ALTER TABLE ONLY public.timetable_timetable
    ADD CONSTRAINT timetable_timetable_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.timetable_timetableimport
    ADD CONSTRAINT timetable_timetableimport_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.upstream_identifier
    ADD CONSTRAINT upstream_identifier_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.upstream_issuerkeys
    ADD CONSTRAINT upstream_issuerkeys_pkey PRIMARY KEY (issuer);


ALTER TABLE ONLY public.upstream_source
    ADD CONSTRAINT upstream_source_code_key UNIQUE (code);


ALTER TABLE ONLY public.upstream_source
    ADD CONSTRAINT upstream_source_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.upstream_spenttoken
    ADD CONSTRAINT upstream_spenttoken_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.upstream_spenttoken
    ADD CONSTRAINT upstream_token_once UNIQUE (source_id, jti);


ALTER TABLE ONLY public.upstream_unmatched
    ADD CONSTRAINT upstream_unmatched_once UNIQUE (source_id, subject);


ALTER TABLE ONLY public.upstream_unmatched
    ADD CONSTRAINT upstream_unmatched_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.upstream_visit
    ADD CONSTRAINT upstream_visit_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.workflow_call
    ADD CONSTRAINT workflow_call_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.workflow_case
    ADD CONSTRAINT workflow_case_number UNIQUE (organisation_id, number);


ALTER TABLE ONLY public.workflow_case
    ADD CONSTRAINT workflow_case_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.workflow_casearchive
    ADD CONSTRAINT workflow_casearchive_pkey PRIMARY KEY (case_id);


ALTER TABLE ONLY public.workflow_casedata
    ADD CONSTRAINT workflow_casedata_pkey PRIMARY KEY (case_id);


ALTER TABLE ONLY public.workflow_casefile
    ADD CONSTRAINT workflow_casefile_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.workflow_caselog
    ADD CONSTRAINT workflow_caselog_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.workflow_casepaper
    ADD CONSTRAINT workflow_casepaper_pkey PRIMARY KEY (case_id);


ALTER TABLE ONLY public.workflow_caseseal
    ADD CONSTRAINT workflow_caseseal_file_id_key UNIQUE (file_id);


ALTER TABLE ONLY public.workflow_caseseal
    ADD CONSTRAINT workflow_caseseal_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.workflow_caseserial
    ADD CONSTRAINT workflow_caseserial_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.workflow_definitionversion
    ADD CONSTRAINT workflow_definitionversion_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.workflow_caseserial
    ADD CONSTRAINT workflow_one_serial UNIQUE (organisation_id, year);


ALTER TABLE ONLY public.workflow_subscription
    ADD CONSTRAINT workflow_subscription_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.workflow_task
    ADD CONSTRAINT workflow_task_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.workflow_timer
    ADD CONSTRAINT workflow_timer_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.workflow_definitionversion
    ADD CONSTRAINT workflow_version_number UNIQUE (organisation_id, key, number);


ALTER TABLE ONLY public.yearly_pupildecision
    ADD CONSTRAINT yearly_decision_once UNIQUE (plan_id, person_id);


ALTER TABLE ONLY public.yearly_placementpupil
    ADD CONSTRAINT yearly_placed_once UNIQUE (placement_id, person_id);


ALTER TABLE ONLY public.yearly_placement
    ADD CONSTRAINT yearly_placement_once UNIQUE (school_id, year, grade);


ALTER TABLE ONLY public.yearly_placement
    ADD CONSTRAINT yearly_placement_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.yearly_placementpupil
    ADD CONSTRAINT yearly_placementpupil_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.yearly_schoolplan
    ADD CONSTRAINT yearly_plan_once UNIQUE (rollover_id, school_id);


ALTER TABLE ONLY public.yearly_plannedclass
    ADD CONSTRAINT yearly_plannedclass_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.yearly_pupildecision
    ADD CONSTRAINT yearly_pupildecision_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.yearly_rollover
    ADD CONSTRAINT yearly_rollover_pkey PRIMARY KEY (to_year);


ALTER TABLE ONLY public.yearly_rolloverrun
    ADD CONSTRAINT yearly_rolloverrun_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.yearly_schoolplan
    ADD CONSTRAINT yearly_schoolplan_pkey PRIMARY KEY (id);


CREATE INDEX applications_adoption_organisation_id_2b5f9c38 ON public.applications_adoption USING btree (organisation_id);


CREATE INDEX applications_application_client_id_6101e087_like ON public.applications_application USING btree (client_id text_pattern_ops);


CREATE INDEX applications_application_organisation_id_cf3f9530 ON public.applications_application USING btree (organisation_id);


CREATE INDEX applications_application_vendor_id_9985b08d ON public.applications_application USING btree (vendor_id);


CREATE INDEX applications_consent_account_id_761261a1 ON public.applications_consent USING btree (account_id);


CREATE INDEX applications_consent_app ON public.applications_consent USING btree (application_id, person_id);


CREATE INDEX applications_consent_batch_id_ec41558a ON public.applications_consent USING btree (batch_id);


CREATE INDEX applications_consent_person_id_2c585527 ON public.applications_consent USING btree (person_id);


CREATE INDEX applications_consentbatch_application_id_64af8064 ON public.applications_consentbatch USING btree (application_id);


CREATE INDEX applications_consentbatch_class_group_id_d6a5840c ON public.applications_consentbatch USING btree (class_group_id);


CREATE INDEX applications_grant_app ON public.applications_scopegrant USING btree (application_id);


CREATE INDEX applications_legacy_person ON public.applications_legacyaccount USING btree (application_id, person_id) WHERE (person_id IS NOT NULL);


CREATE INDEX applications_legacy_state ON public.applications_legacyaccount USING btree (application_id, state, id);


CREATE INDEX applications_legacyaccount_person_id_f61d2524 ON public.applications_legacyaccount USING btree (person_id);


CREATE INDEX applications_notice_age ON public.applications_logoutnotice USING btree (made_at);


CREATE INDEX applications_notice_app ON public.applications_logoutnotice USING btree (application_id, id DESC);


CREATE INDEX applications_notice_due ON public.applications_logoutnotice USING btree (next_at) WHERE (state = ANY (ARRAY['waiting'::text, 'failed'::text]));


CREATE UNIQUE INDEX applications_one_open_adoption ON public.applications_adoption USING btree (application_id, organisation_id) WHERE (ended_at IS NULL);


CREATE UNIQUE INDEX applications_one_open_grant ON public.applications_scopegrant USING btree (application_id, scope) WHERE (ended_at IS NULL);


CREATE INDEX applications_participation_application_id_366b35fd ON public.applications_participation USING btree (application_id);


CREATE INDEX applications_release_account ON public.applications_release USING btree (account_id, id DESC);


CREATE INDEX applications_release_person_id_4cc3cb1c ON public.applications_release USING btree (person_id);


CREATE INDEX applications_request_age ON public.applications_requestlog USING btree (at);


CREATE INDEX applications_request_app ON public.applications_requestlog USING btree (application_id, id DESC);


CREATE INDEX applications_request_when ON public.applications_requestlog USING btree (application_id, at);


CREATE INDEX applications_review_account_id_d55db3b5 ON public.applications_review USING btree (account_id);


CREATE INDEX applications_sandboxperson_account_id_29bc38e6 ON public.applications_sandboxperson USING btree (account_id);


CREATE INDEX applications_sandboxperson_vendor_id_023667e9 ON public.applications_sandboxperson USING btree (vendor_id);


CREATE INDEX applications_secret_application_id_1efb978a ON public.applications_secret USING btree (application_id);


CREATE INDEX applications_subject_account_id_9233fd87 ON public.applications_subject USING btree (account_id);


CREATE INDEX applications_subject_person_id_e64326ca ON public.applications_subject USING btree (person_id);


CREATE INDEX applications_vendor_organisation_id_971eb0f1 ON public.applications_vendor USING btree (organisation_id);


CREATE INDEX applications_vendormember_vendor_id_be3c466a ON public.applications_vendormember USING btree (vendor_id);


CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);


CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);


CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);


CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);


CREATE INDEX cas_service_application_id_3561d4ed ON public.cas_service USING btree (application_id);


CREATE INDEX cas_ticket_expires ON public.cas_ticket USING btree (expires_at);


CREATE INDEX cas_ticket_session_id_9f316a44 ON public.cas_ticket USING btree (session_id);


CREATE INDEX collection_answer_post ON public.collection_answer USING btree (post_id);


CREATE INDEX collection_answer_school ON public.collection_answer USING btree (school_id, asked_at DESC);


CREATE INDEX collection_collection_organisation_id_2ca03f16 ON public.collection_collection USING btree (organisation_id);


CREATE INDEX collection_collection_previous_id_51c33506 ON public.collection_collection USING btree (previous_id);


CREATE UNIQUE INDEX collection_number_once ON public.collection_collection USING btree (number) WHERE (NOT (number = ''::text));


CREATE INDEX collection_open ON public.collection_collection USING btree (deadline) WHERE (state = 'open'::text);


CREATE INDEX collection_path ON public.collection_collection USING btree (path, id DESC);


CREATE INDEX collection_step_answer ON public.collection_step USING btree (answer_id, id DESC);


CREATE INDEX collection_step_kind ON public.collection_step USING btree (collection_id, kind);


CREATE INDEX collection_step_whole ON public.collection_step USING btree (collection_id, id DESC) WHERE (answer_id IS NULL);


CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);


CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);


CREATE UNIQUE INDEX identity_account_email ON public.identity_account USING btree (verified_email) WHERE (NOT (verified_email = ''::text));


CREATE INDEX identity_account_phone ON public.identity_account USING btree (verified_phone_blind) WHERE (verified_phone_blind IS NOT NULL);


CREATE INDEX identity_activationcode_account_id_bf8e827f ON public.identity_activationcode USING btree (account_id);


CREATE INDEX identity_activationcode_person_id_760a15f1 ON public.identity_activationcode USING btree (person_id);


CREATE INDEX identity_alert_newest ON public.identity_alert USING btree (last_at DESC, id DESC);


CREATE INDEX identity_alert_open ON public.identity_alert USING btree (path) WHERE (closed_at IS NULL);


CREATE INDEX identity_alert_untold ON public.identity_alert USING btree (id) WHERE (told_at IS NULL);


CREATE INDEX identity_alertrecipient_address_5cbf89e7_like ON public.identity_alertrecipient USING btree (address text_pattern_ops);


CREATE INDEX identity_alertrule_code_1a1b746c_like ON public.identity_alertrule USING btree (code text_pattern_ops);


CREATE INDEX identity_attempt_account ON public.identity_signinattempt USING btree (account_id, id DESC);


CREATE INDEX identity_attempt_at ON public.identity_signinattempt USING btree (at);


CREATE INDEX identity_attempt_login ON public.identity_signinattempt USING btree (login_blind, id DESC);


CREATE INDEX identity_claim_waiting ON public.identity_guardianclaim USING btree (child_id) WHERE (state = 'waiting'::text);


CREATE UNIQUE INDEX identity_class_code ON public.identity_classsession USING btree (code_hash) WHERE (code_hash IS NOT NULL);


CREATE INDEX identity_class_ends ON public.identity_classsession USING btree (ends_at);


CREATE INDEX identity_classcard_account_id_a4706445 ON public.identity_classcard USING btree (account_id);


CREATE INDEX identity_classsession_account_id_0ddba941 ON public.identity_classsession USING btree (account_id);


CREATE INDEX identity_classsession_class_group_id_6230a0b7 ON public.identity_classsession USING btree (class_group_id);


CREATE INDEX identity_code_expiry ON public.identity_activationcode USING btree (expires_at);


CREATE INDEX identity_data_file_age ON public.identity_datafile USING btree (asked_at);


CREATE INDEX identity_datafile_account_id_3eec04bf ON public.identity_datafile USING btree (account_id);


CREATE INDEX identity_datafile_person_id_a9839ca9 ON public.identity_datafile USING btree (person_id);


CREATE INDEX identity_guardianclaim_account_id_68bef592 ON public.identity_guardianclaim USING btree (account_id);


CREATE INDEX identity_guardianclaim_child_id_6fe1577a ON public.identity_guardianclaim USING btree (child_id);


CREATE INDEX identity_guardianrevocation_child_id_04b01480 ON public.identity_guardianrevocation USING btree (child_id);


CREATE INDEX identity_invitation_account ON public.identity_invitation USING btree (account_id, id DESC);


CREATE INDEX identity_invitation_at ON public.identity_invitation USING btree (invited_at);


CREATE INDEX identity_invitationround_organisation_id_241f0540 ON public.identity_invitationround USING btree (organisation_id);


CREATE UNIQUE INDEX identity_one_data_file_at_a_time ON public.identity_datafile USING btree (account_id) WHERE (state = 'making'::text);


CREATE UNIQUE INDEX identity_one_open_proof ON public.identity_realnameproof USING btree (account_id, source) WHERE (revoked_at IS NULL);


CREATE UNIQUE INDEX identity_one_open_role ON public.identity_roleassignment USING btree (account_id, role, organisation_id) WHERE (ended_at IS NULL);


CREATE UNIQUE INDEX identity_one_waiting_batch ON public.identity_slipbatch USING btree (organisation_id) WHERE (state = 'waiting'::text);


CREATE UNIQUE INDEX identity_one_waiting_claim ON public.identity_guardianclaim USING btree (child_id, phone_blind, name) WHERE (state = 'waiting'::text);


CREATE UNIQUE INDEX identity_one_waiting_revocation ON public.identity_guardianrevocation USING btree (guardianship) WHERE (state = 'waiting'::text);


CREATE UNIQUE INDEX identity_one_waiting_round ON public.identity_invitationround USING btree (organisation_id) WHERE (state = 'waiting'::text);


CREATE INDEX identity_passkey_account_id_2c237ea7 ON public.identity_passkey USING btree (account_id);


CREATE INDEX identity_phone_code_cause ON public.identity_phonecode USING btree (cause, sent_at DESC);


CREATE INDEX identity_phone_code_expiry ON public.identity_phonecode USING btree (expires_at);


CREATE INDEX identity_real_name_account ON public.identity_realnameproof USING btree (account_id, id);


CREATE INDEX identity_recoverycode_account_id_e314d7f9 ON public.identity_recoverycode USING btree (account_id);


CREATE INDEX identity_role_place ON public.identity_roleassignment USING btree (organisation_id, role) WHERE (ended_at IS NULL);


CREATE INDEX identity_roleassignment_account_id_d1ff39f7 ON public.identity_roleassignment USING btree (account_id);


CREATE INDEX identity_roleassignment_organisation_id_8c3375ce ON public.identity_roleassignment USING btree (organisation_id);


CREATE INDEX identity_roomseat_account_id_b08e4581 ON public.identity_roomseat USING btree (account_id);


CREATE INDEX identity_roomseat_sso_session_id_5ce1a8be ON public.identity_roomseat USING btree (sso_session_id);


CREATE INDEX identity_round_place ON public.identity_invitationround USING btree (organisation_id, made_at DESC);


CREATE INDEX identity_screen_browser ON public.identity_screenrequest USING btree (browser_hash, made_at DESC);


CREATE INDEX identity_screen_ends ON public.identity_screenrequest USING btree (expires_at);


CREATE INDEX identity_screenrequest_class_session_id_d94986ba ON public.identity_screenrequest USING btree (class_session_id);


CREATE INDEX identity_signinfigures_organisation_id_6bee6e16 ON public.identity_signinfigures USING btree (organisation_id);


CREATE INDEX identity_sliderchallenge_expires_at_2676363a ON public.identity_sliderchallenge USING btree (expires_at);


CREATE INDEX identity_slipbatch_organisation_id_cf46d196 ON public.identity_slipbatch USING btree (organisation_id);


CREATE INDEX identity_smstemplate_kind_06d1215c_like ON public.identity_smstemplate USING btree (kind text_pattern_ops);


CREATE INDEX identity_sso_account ON public.identity_ssosession USING btree (account_id, began_at DESC);


CREATE INDEX identity_sso_ended ON public.identity_ssosession USING btree (ended_at) WHERE (ended_at IS NOT NULL);


CREATE INDEX identity_sso_group ON public.identity_ssosession USING btree (group_id) WHERE ((ended_at IS NULL) AND (group_id IS NOT NULL));


CREATE INDEX identity_sso_running ON public.identity_ssosession USING btree (expires_at) WHERE (ended_at IS NULL);


CREATE INDEX identity_throttle_free ON public.identity_throttle USING btree (free_at);


CREATE INDEX idx_procrastinate_jobs_worker_not_null ON public.procrastinate_jobs USING btree (worker_id) WHERE ((worker_id IS NOT NULL) AND (status = 'doing'::public.procrastinate_job_status));


CREATE INDEX idx_procrastinate_workers_last_heartbeat ON public.procrastinate_workers USING btree (last_heartbeat);


CREATE INDEX inbox_attachment_notice_id_ed15af23 ON public.inbox_attachment USING btree (notice_id);


CREATE INDEX inbox_attachment_receipt_id_9c8194d6 ON public.inbox_attachment USING btree (receipt_id);


CREATE INDEX inbox_group_round_notice ON public.inbox_groupround USING btree (notice_id, id);


CREATE INDEX inbox_group_round_open ON public.inbox_groupround USING btree (due_at) WHERE (ended_at IS NULL);


CREATE INDEX inbox_news_about_id_525b76ec ON public.inbox_news USING btree (about_id);


CREATE INDEX inbox_news_address ON public.inbox_news USING btree (address, at DESC);


CREATE INDEX inbox_news_age ON public.inbox_news USING btree (at);


CREATE INDEX inbox_newsseen_person_id_9d895b70 ON public.inbox_newsseen USING btree (person_id);


CREATE INDEX inbox_notice_class ON public.inbox_notice USING btree (class_group_id, id DESC);


CREATE INDEX inbox_notice_corrects_id_8e48882c ON public.inbox_notice USING btree (corrects_id);


CREATE UNIQUE INDEX inbox_notice_number ON public.inbox_notice USING btree (organisation_id, number) WHERE (NOT (number = ''::text));


CREATE INDEX inbox_notice_path ON public.inbox_notice USING btree (path, id DESC);


CREATE INDEX inbox_notice_post ON public.inbox_notice USING btree (post_id, id DESC);


CREATE UNIQUE INDEX inbox_one_automatic_round ON public.inbox_reminderround USING btree (notice_id) WHERE (cause = 'automatic'::text);


CREATE INDEX inbox_receipt_person ON public.inbox_receipt USING btree (person_id) WHERE (person_id IS NOT NULL);


CREATE INDEX inbox_reminder_message ON public.inbox_reminder USING btree (message_id) WHERE (message_id IS NOT NULL);


CREATE INDEX inbox_reminder_notice ON public.inbox_reminder USING btree (notice_id, subject);


CREATE INDEX inbox_reminder_person_id_da3bae9f ON public.inbox_reminder USING btree (person_id);


CREATE INDEX inbox_reminder_reader_id_cfac7951 ON public.inbox_reminder USING btree (reader_id);


CREATE INDEX inbox_reminder_round_id_638e3675 ON public.inbox_reminder USING btree (round_id);


CREATE INDEX inbox_reminder_waiting ON public.inbox_reminder USING btree (reader_id) WHERE (sent_at IS NULL);


CREATE INDEX inbox_robot_class ON public.inbox_robot USING btree (class_group_id) WHERE (class_group_id IS NOT NULL);


CREATE INDEX inbox_robot_path ON public.inbox_robot USING btree (path);


CREATE INDEX inbox_round_notice ON public.inbox_reminderround USING btree (notice_id, id DESC);


CREATE INDEX inbox_round_open ON public.inbox_reminderround USING btree (due_at) WHERE (ended_at IS NULL);


CREATE INDEX inbox_step_notice_id_31301108 ON public.inbox_step USING btree (notice_id);


CREATE INDEX inbox_target_key ON public.inbox_noticetarget USING btree (key, published_at DESC) WHERE (published_at IS NOT NULL);


CREATE INDEX inbox_todo_open ON public.inbox_todo USING btree (address) WHERE (state = 'open'::text);


CREATE INDEX intake_finding_list ON public.intake_finding USING btree (owner_id, severity, id);


CREATE INDEX intake_import_list ON public.intake_import USING btree (path, created_at DESC);


CREATE INDEX intake_import_number_4ff7070f_like ON public.intake_import USING btree (number text_pattern_ops);


CREATE INDEX intake_import_organisation_id_dc13074e ON public.intake_import USING btree (organisation_id);


CREATE INDEX intake_import_source_id_e29b24bc ON public.intake_import USING btree (source_id);


CREATE INDEX intake_importfile_owner_id_3d20852c ON public.intake_importfile USING btree (owner_id);


CREATE INDEX intake_partial_upload ON public.intake_partialupload USING btree (account_id, fingerprint);


CREATE INDEX kernel_audit_account ON public.kernel_audit USING btree (account_id, id DESC);


CREATE INDEX kernel_audit_action ON public.kernel_audit USING btree (action, id DESC);


CREATE INDEX kernel_audit_feed ON public.kernel_audit USING btree (xid, id);


CREATE INDEX kernel_audit_subject ON public.kernel_audit USING btree (subject_kind, subject_id, id DESC);


CREATE INDEX kernel_change_feed ON public.kernel_change USING btree (xid, id);


CREATE INDEX kernel_file_digest_7f3cd371_like ON public.kernel_file USING btree (digest varchar_pattern_ops);


CREATE INDEX kernel_file_reference_file_id_257d7116 ON public.kernel_file_reference USING btree (file_id);


CREATE INDEX kernel_file_reference_file_id_257d7116_like ON public.kernel_file_reference USING btree (file_id varchar_pattern_ops);


CREATE INDEX kernel_key_state_name_70c2f5af_like ON public.kernel_key_state USING btree (name text_pattern_ops);


CREATE INDEX kernel_limit_over ON public.kernel_limit USING btree (ends_at);


CREATE INDEX kernel_message_report ON public.kernel_message USING btree (reported_at, id) WHERE (report = 'waiting'::text);


CREATE INDEX kernel_message_state ON public.kernel_message USING btree (state, created_at);


CREATE INDEX kernel_message_subject ON public.kernel_message USING btree (subject_kind, subject_id, created_at DESC);


CREATE INDEX kernel_outbox_cursor_handler_d4848914_like ON public.kernel_outbox_cursor USING btree (handler text_pattern_ops);


CREATE INDEX kernel_outbox_feed ON public.kernel_outbox USING btree (xid, id);


CREATE INDEX kernel_outbox_retry_due ON public.kernel_outbox_retry USING btree (state, next_at);


CREATE INDEX kernel_outbox_retry_event_id_ef965eda ON public.kernel_outbox_retry USING btree (event_id);


CREATE INDEX kernel_worker_beat_name_c797c23a_like ON public.kernel_worker_beat USING btree (name text_pattern_ops);


CREATE INDEX lti_item_sandbox ON public.lti_lineitem USING btree (sandbox_class_id, id) WHERE (sandbox_class_id IS NOT NULL);


CREATE INDEX lti_item_tool ON public.lti_lineitem USING btree (tool_id, class_group_id, id);


CREATE INDEX lti_launch_class_group_id_3fdde2ed ON public.lti_launch USING btree (class_group_id);


CREATE INDEX lti_launch_link_id_7bfd3e08 ON public.lti_launch USING btree (link_id);


CREATE INDEX lti_launch_made ON public.lti_launch USING btree (made_at);


CREATE INDEX lti_launch_sandbox_class_id_e1b7483f ON public.lti_launch USING btree (sandbox_class_id);


CREATE INDEX lti_launch_session_id_1e8bff88 ON public.lti_launch USING btree (session_id);


CREATE INDEX lti_launch_tool_id_e3302813 ON public.lti_launch USING btree (tool_id);


CREATE INDEX lti_lineitem_class_group_id_ae88a612 ON public.lti_lineitem USING btree (class_group_id);


CREATE INDEX lti_lineitem_link_id_e32ce884 ON public.lti_lineitem USING btree (link_id);


CREATE INDEX lti_link_class ON public.lti_resourcelink USING btree (class_group_id, id) WHERE (removed_at IS NULL);


CREATE INDEX lti_link_sandbox ON public.lti_resourcelink USING btree (sandbox_class_id, id) WHERE (sandbox_class_id IS NOT NULL);


CREATE UNIQUE INDEX lti_one_shelf_link_a_tool ON public.lti_resourcelink USING btree (tool_id) WHERE ((class_group_id IS NULL) AND (sandbox_class_id IS NULL));


CREATE INDEX lti_resourcelink_tool_id_d051fcf6 ON public.lti_resourcelink USING btree (tool_id);


CREATE INDEX lti_score_account_id_7a179eb0 ON public.lti_score USING btree (account_id);


CREATE INDEX lti_score_person_id_932a3523 ON public.lti_score USING btree (person_id);


CREATE INDEX office_absence_class ON public.office_absence USING btree (class_group_id, ends_on) WHERE (class_group_id IS NOT NULL);


CREATE INDEX office_absence_person ON public.office_absence USING btree (person_id, ends_on);


CREATE INDEX office_absence_school ON public.office_absence USING btree (school_id, audience, starts_on DESC, id DESC);


CREATE INDEX office_cover_absence ON public.office_cover USING btree (absence_id, day);


CREATE INDEX office_cover_substitute ON public.office_cover USING btree (substitute_id, day) WHERE (substitute_id IS NOT NULL);


CREATE INDEX office_leaverule_organisation_id_4085dceb ON public.office_leaverule USING btree (organisation_id);


CREATE UNIQUE INDEX office_one_absence_a_case ON public.office_absence USING btree (case_id) WHERE (case_id IS NOT NULL);


CREATE INDEX oidc_grant_account ON public.oidc_grant USING btree (account_id, application_id);


CREATE INDEX oidc_grant_application_id_ca38ae26 ON public.oidc_grant USING btree (application_id);


CREATE INDEX oidc_grant_session_id_e930ae41 ON public.oidc_grant USING btree (session_id);


CREATE INDEX oidc_grant_until ON public.oidc_grant USING btree (lasts_until);


CREATE INDEX oidc_key_alg ON public.oidc_signingkey USING btree (alg, signs_from DESC);


CREATE INDEX oidc_signingkey_kid_5f285661_like ON public.oidc_signingkey USING btree (kid text_pattern_ops);


CREATE INDEX oidc_spent_until ON public.oidc_spentid USING btree (until);


CREATE INDEX procrastinate_events_job_id_fkey_v1 ON public.procrastinate_events USING btree (job_id);


CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON public.procrastinate_jobs USING btree (id, lock) WHERE (status = ANY (ARRAY['todo'::public.procrastinate_job_status, 'doing'::public.procrastinate_job_status]));


CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON public.procrastinate_jobs USING btree (lock) WHERE (status = 'doing'::public.procrastinate_job_status);


CREATE INDEX procrastinate_jobs_priority_idx_v1 ON public.procrastinate_jobs USING btree (priority DESC, id) WHERE (status = 'todo'::public.procrastinate_job_status);


CREATE INDEX procrastinate_jobs_queue_name_idx_v1 ON public.procrastinate_jobs USING btree (queue_name);


CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON public.procrastinate_jobs USING btree (queueing_lock) WHERE (status = 'todo'::public.procrastinate_job_status);


CREATE INDEX procrastinate_periodic_defers_job_id_fkey_v1 ON public.procrastinate_periodic_defers USING btree (job_id);


CREATE UNIQUE INDEX quality_evaluation_once ON public.quality_evaluation USING btree (path) WHERE (state = 'running'::text);


CREATE UNIQUE INDEX quality_finding_once ON public.quality_finding USING btree (rule_id, subject_id, school_id) WHERE (gone_on IS NULL);


CREATE INDEX quality_finding_open ON public.quality_finding USING btree (path, severity, id) WHERE (state = 'open'::text);


CREATE INDEX quality_finding_order ON public.quality_finding USING btree (work_order_id) WHERE (work_order_id IS NOT NULL);


CREATE INDEX quality_finding_school ON public.quality_finding USING btree (school_id, rule_id, id) WHERE (gone_on IS NULL);


CREATE INDEX quality_order_open ON public.quality_workorder USING btree (school_id) WHERE (state = 'open'::text);


CREATE INDEX quality_order_path ON public.quality_workorder USING btree (path, id);


CREATE INDEX quality_qualityrule_code_606e8a8e_like ON public.quality_qualityrule USING btree (code text_pattern_ops);


CREATE INDEX quality_score_path ON public.quality_dayscore USING btree (day, path);


CREATE INDEX quality_score_school ON public.quality_dayscore USING btree (school_id, day DESC);


CREATE INDEX quality_wide_path ON public.quality_widefinding USING btree (evaluation_id, path);


CREATE INDEX reconcile_case_list ON public.reconciliation_case USING btree (bucket, path, name_key, id);


CREATE INDEX reconcile_case_other ON public.reconciliation_case USING btree (other_path) WHERE (other_path IS NOT NULL);


CREATE INDEX reconcile_case_owner ON public.reconciliation_case USING btree (owner_path);


CREATE INDEX reconcile_case_path ON public.reconciliation_case USING btree (path, state);


CREATE INDEX reconcile_case_person ON public.reconciliation_case USING btree (person_id) WHERE (person_id IS NOT NULL);


CREATE INDEX reconcile_entry_group ON public.reconciliation_fileentry USING btree (file_id, group_key);


CREATE INDEX reconcile_listed_path ON public.reconciliation_listedchild USING btree (path, id);


CREATE UNIQUE INDEX reconcile_reminder_once ON public.reconciliation_reminder USING btree (owner_id) WHERE (state = 'waiting'::text);


CREATE INDEX reconcile_reminder_owner ON public.reconciliation_reminder USING btree (owner_id, sent_at DESC);


CREATE INDEX reconcile_run_latest ON public.reconciliation_run USING btree (path, as_of DESC, created_at DESC);


CREATE INDEX reconcile_tally_path ON public.reconciliation_tally USING btree (run_id, path);


CREATE INDEX reconcile_ticket_list ON public.reconciliation_ticket USING btree (path, state, id);


CREATE UNIQUE INDEX reconcile_ticket_once ON public.reconciliation_ticket USING btree (person_id, field) WHERE (state = ANY (ARRAY['asked'::text, 'open'::text]));


CREATE INDEX reconciliation_evidence_case_id_ad26cbc0 ON public.reconciliation_evidence USING btree (case_id);


CREATE INDEX reconciliation_evidence_ticket_id_e3504339 ON public.reconciliation_evidence USING btree (ticket_id);


CREATE INDEX reconciliation_fileentry_file_id_a9eee74d ON public.reconciliation_fileentry USING btree (file_id);


CREATE INDEX reconciliation_listedchild_organisation_id_63fbda58 ON public.reconciliation_listedchild USING btree (organisation_id);


CREATE INDEX reconciliation_ticket_person_id_a71355cf ON public.reconciliation_ticket USING btree (person_id);


CREATE INDEX reconciliation_work_entry_slice ON public.reconciliation_work_entry USING btree (slice);


CREATE INDEX reconciliation_work_listed_slice ON public.reconciliation_work_listed USING btree (slice);


CREATE INDEX reconciliation_work_seat_slice ON public.reconciliation_work_seat USING btree (slice);


CREATE INDEX records_actor_person ON public.records_actor USING btree (person_id) WHERE (person_id IS NOT NULL);


CREATE INDEX records_actor_unasked ON public.records_actor USING btree (asked_at, id) WHERE (person_id IS NULL);


CREATE INDEX records_course_organisation_id_8f2752bb ON public.records_course USING btree (organisation_id);


CREATE INDEX records_credential_key_b683ee31_like ON public.records_credential USING btree (key text_pattern_ops);


CREATE INDEX records_credential_tenant_id_2b1d4845 ON public.records_credential USING btree (tenant_id);


CREATE INDEX records_deadletter_forward_id_6850ce6e ON public.records_deadletter USING btree (forward_id);


CREATE INDEX records_document_actor_id_6de3d9ae ON public.records_document USING btree (actor_id);


CREATE INDEX records_forward_tenant_id_e1eae5e6 ON public.records_forward USING btree (tenant_id);


CREATE INDEX records_month_name_580ebbcf_like ON public.records_month USING btree (name text_pattern_ops);


CREATE INDEX records_part_place ON public.records_part USING btree (month_id, kind, tenant, first);


CREATE INDEX records_refusal_latest ON public.records_refusal USING btree (credential_id, id DESC);


CREATE INDEX records_registration_person_id_4b371164 ON public.records_registration USING btree (person_id);


CREATE INDEX records_session_open ON public.records_session USING btree (launched_at) WHERE (ended_at IS NULL);


CREATE INDEX records_session_registration_id_d83ac44d ON public.records_session USING btree (registration_id);


CREATE INDEX records_voided_seq ON public.records_voiding USING btree (seq);


CREATE INDEX registry_appointment_list ON public.registry_appointment USING btree (path, name_key, id) WHERE (valid_to IS NULL);


CREATE INDEX registry_appointment_number ON public.registry_appointment USING btree (organisation_id, staff_number) WHERE ((valid_to IS NULL) AND (NOT (staff_number = ''::text)));


CREATE INDEX registry_appointment_person ON public.registry_appointment USING btree (person_id);


CREATE INDEX registry_attribute_kind ON public.registry_pupilattribute USING btree (kind, person_id) WHERE (valid_to IS NULL);


CREATE INDEX registry_attribute_person ON public.registry_pupilattribute USING btree (person_id);


CREATE INDEX registry_chunk_import ON public.registry_loadedchunk USING btree (import_id, id);


CREATE INDEX registry_class_school ON public.registry_classgroup USING btree (school_id, school_year_id, name);


CREATE INDEX registry_classgroup_course_id_16508e91 ON public.registry_classgroup USING btree (course_id);


CREATE INDEX registry_classgroup_terms_classgroup_id_a40b0c74 ON public.registry_classgroup_terms USING btree (classgroup_id);


CREATE INDEX registry_classgroup_terms_term_id_e860f0f8 ON public.registry_classgroup_terms USING btree (term_id);


CREATE INDEX registry_codetable_code_233ff62d_like ON public.registry_codetable USING btree (code text_pattern_ops);


CREATE INDEX registry_codevalue_table_id_933363e6 ON public.registry_codevalue USING btree (table_id);


CREATE INDEX registry_codevalue_table_id_933363e6_like ON public.registry_codevalue USING btree (table_id text_pattern_ops);


CREATE INDEX registry_course_organisation_id_36da4791 ON public.registry_course USING btree (organisation_id);


CREATE INDEX registry_duty_class ON public.registry_duty USING btree (class_group_id) WHERE (class_group_id IS NOT NULL);


CREATE INDEX registry_duty_organisation ON public.registry_duty USING btree (organisation_id, kind);


CREATE INDEX registry_duty_person ON public.registry_duty USING btree (person_id);


CREATE INDEX registry_enrolment_list ON public.registry_enrolment USING btree (path, name_key, id) WHERE (valid_to IS NULL);


CREATE INDEX registry_enrolment_number ON public.registry_enrolment USING btree (school_id, school_number) WHERE ((valid_to IS NULL) AND (NOT (school_number = ''::text)));


CREATE INDEX registry_enrolment_person ON public.registry_enrolment USING btree (person_id);


CREATE INDEX registry_export_made_by ON public.registry_listexport USING btree (made_by, id DESC);


CREATE INDEX registry_export_waiting ON public.registry_listexport USING btree (path, id) WHERE (state = 'waiting'::text);


CREATE UNIQUE INDEX registry_external_identifier ON public.registry_externalidentifier USING btree (issuer, value) WHERE (valid_to IS NULL);


CREATE INDEX registry_externalidentifier_organisation_id_1c1c9b4c ON public.registry_externalidentifier USING btree (organisation_id);


CREATE INDEX registry_externalidentifier_person_id_f6b861d7 ON public.registry_externalidentifier USING btree (person_id);


CREATE INDEX registry_guardianship_child ON public.registry_guardianship USING btree (child_id);


CREATE INDEX registry_guardianship_guardian ON public.registry_guardianship USING btree (guardian_id) WHERE (guardian_id IS NOT NULL);


CREATE INDEX registry_history_import ON public.registry_personhistory USING btree (import_id) WHERE (import_id IS NOT NULL);


CREATE INDEX registry_holder_person ON public.registry_postholder USING btree (person_id);


CREATE INDEX registry_holder_post ON public.registry_postholder USING btree (post_id, id);


CREATE INDEX registry_membership_class ON public.registry_classmembership USING btree (class_group_id);


CREATE INDEX registry_membership_person ON public.registry_classmembership USING btree (person_id);


CREATE UNIQUE INDEX registry_one_advance ON public.registry_schooladvance USING btree (school_id, to_year) WHERE (undone_at IS NULL);


CREATE UNIQUE INDEX registry_one_open_assignment ON public.registry_teachingassignment USING btree (class_group_id, subject, person_id) WHERE (valid_to IS NULL);


CREATE UNIQUE INDEX registry_one_open_attribute ON public.registry_pupilattribute USING btree (person_id, kind) WHERE (valid_to IS NULL);


CREATE UNIQUE INDEX registry_one_open_holder ON public.registry_postholder USING btree (post_id, place) WHERE (valid_to IS NULL);


CREATE UNIQUE INDEX registry_one_open_membership ON public.registry_classmembership USING btree (class_group_id, person_id) WHERE (valid_to IS NULL);


CREATE UNIQUE INDEX registry_one_open_parent ON public.registry_organisationparent USING btree (organisation_id) WHERE (valid_to IS NULL);


CREATE UNIQUE INDEX registry_one_open_post ON public.registry_post USING btree (organisation_id, kind) WHERE (closed_on IS NULL);


CREATE UNIQUE INDEX registry_one_open_relation ON public.registry_organisationrelation USING btree (kind, head_id, member_id) WHERE (valid_to IS NULL);


CREATE INDEX registry_org_children ON public.registry_organisation USING btree (parent_id, sort_order, name_key);


CREATE INDEX registry_org_initials ON public.registry_organisation USING btree (name_initials text_pattern_ops);


CREATE INDEX registry_org_name ON public.registry_organisation USING btree (name text_pattern_ops);


CREATE INDEX registry_organisation_label_9ddc6c5c_like ON public.registry_organisation USING btree (label text_pattern_ops);


CREATE INDEX registry_organisationparent_organisation_id_bfe1d1c0 ON public.registry_organisationparent USING btree (organisation_id);


CREATE INDEX registry_organisationparent_parent_id_87e8f9cd ON public.registry_organisationparent USING btree (parent_id);


CREATE INDEX registry_organisationrelation_head_id_b8f0d256 ON public.registry_organisationrelation USING btree (head_id);


CREATE INDEX registry_organisationrelation_member_id_54bc856d ON public.registry_organisationrelation USING btree (member_id);


CREATE INDEX registry_person_history ON public.registry_personhistory USING btree (person_id, id);


CREATE INDEX registry_person_id_blind ON public.registry_person USING btree (id_blind) WHERE (id_blind IS NOT NULL);


CREATE INDEX registry_person_initials ON public.registry_person USING btree (name_initials, name_key, id);


CREATE INDEX registry_person_merged ON public.registry_person USING btree (canonical_id) WHERE (canonical_id IS NOT NULL);


CREATE INDEX registry_person_name ON public.registry_person USING btree (name, id);


CREATE INDEX registry_person_phone ON public.registry_person USING btree (phone_blind) WHERE (phone_blind IS NOT NULL);


CREATE INDEX registry_post_kind ON public.registry_post USING btree (kind, organisation_id);


CREATE INDEX registry_register_number ON public.registry_registerentry USING btree (number_blind) WHERE (number_blind IS NOT NULL);


CREATE INDEX registry_register_path ON public.registry_registerentry USING btree (path);


CREATE INDEX registry_register_person ON public.registry_registerentry USING btree (person_id);


CREATE INDEX registry_schoolyear_code_7ffd4a0b_like ON public.registry_schoolyear USING btree (code varchar_pattern_ops);


CREATE INDEX registry_source_code_8d9649f0_like ON public.registry_source USING btree (code text_pattern_ops);


CREATE INDEX registry_source_entity ON public.registry_sourcelink USING btree (entity_uuid) WHERE (entity_uuid IS NOT NULL);


CREATE INDEX registry_suspect_state ON public.registry_suspectpair USING btree (state, id);


CREATE INDEX registry_suspectpair_second_id_27b1580e ON public.registry_suspectpair USING btree (second_id);


CREATE INDEX registry_teaching_class ON public.registry_teachingassignment USING btree (class_group_id);


CREATE INDEX registry_teaching_person ON public.registry_teachingassignment USING btree (person_id);


CREATE INDEX registry_term_organisation_id_9bc90e05 ON public.registry_term USING btree (organisation_id);


CREATE INDEX registry_term_school_year_id_e7b955b5 ON public.registry_term USING btree (school_year_id);


CREATE INDEX registry_term_school_year_id_e7b955b5_like ON public.registry_term USING btree (school_year_id varchar_pattern_ops);


CREATE INDEX saml_pending_expires ON public.saml_pending USING btree (expires_at);


CREATE INDEX saml_pending_provider_id_88d839f1 ON public.saml_pending USING btree (provider_id);


CREATE INDEX service_hall_beyond_due ON public.service_hall_beyondtransfer USING btree (due_on, id) WHERE (state = 'open'::text);


CREATE INDEX service_hall_beyond_path ON public.service_hall_beyondtransfer USING btree (path, id DESC);


CREATE INDEX service_hall_beyond_person ON public.service_hall_beyondtransfer USING btree (person_id);


CREATE UNIQUE INDEX service_hall_beyond_serial ON public.service_hall_beyondtransfer USING btree (serial) WHERE ((NOT (serial = ''::text)) AND (NOT (state = 'closed'::text)));


CREATE UNIQUE INDEX service_hall_one_open_beyond ON public.service_hall_beyondtransfer USING btree (person_id) WHERE (state = 'open'::text);


CREATE UNIQUE INDEX service_hall_one_open_request ON public.service_hall_paperrequest USING btree (person_id, kind) WHERE (state = 'open'::text);


CREATE UNIQUE INDEX service_hall_one_open_rule ON public.service_hall_placerule USING btree (organisation_id, kind) WHERE (valid_to IS NULL);


CREATE UNIQUE INDEX service_hall_one_open_transfer ON public.service_hall_transfer USING btree (person_id) WHERE (ended_on IS NULL);


CREATE INDEX service_hall_paper_number_617c5bc9_like ON public.service_hall_paper USING btree (number text_pattern_ops);


CREATE INDEX service_hall_paper_path ON public.service_hall_paper USING btree (path, id);


CREATE INDEX service_hall_paper_person ON public.service_hall_paper USING btree (person_id, id);


CREATE INDEX service_hall_request_applicant ON public.service_hall_paperrequest USING btree (applicant_id, id);


CREATE INDEX service_hall_request_open ON public.service_hall_paperrequest USING btree (path, id) WHERE (state = 'open'::text);


CREATE INDEX service_hall_rule_path ON public.service_hall_placerule USING btree (path);


CREATE INDEX service_hall_transfer_open ON public.service_hall_transfer USING btree (to_school_id, grade) WHERE (ended_on IS NULL);


CREATE INDEX service_hall_transfer_person ON public.service_hall_transfer USING btree (person_id, id);


CREATE UNIQUE INDEX service_hall_transfer_serial ON public.service_hall_transfer USING btree (serial) WHERE ((NOT (serial = ''::text)) AND (NOT (state = 'closed'::text)));


CREATE INDEX statistics_reminder_school ON public.statistics_reminder USING btree (round_id, school_id, sent_at DESC);


CREATE INDEX statistics_round_organisation_id_b0c57073 ON public.statistics_round USING btree (organisation_id);


CREATE INDEX statistics_round_path ON public.statistics_round USING btree (path);


CREATE INDEX statistics_round_snapshot_id_1ccda502 ON public.statistics_round USING btree (snapshot_id);


CREATE INDEX statistics_sheet_school_id_9eb09d3c ON public.statistics_sheet USING btree (school_id);


CREATE INDEX statistics_sheet_snapshot_id_47adf4c3 ON public.statistics_sheet USING btree (snapshot_id);


CREATE INDEX statistics_snapshot_organisation_id_2463bfb2 ON public.statistics_snapshot USING btree (organisation_id);


CREATE INDEX statistics_snapshot_path ON public.statistics_snapshot USING btree (path, taken_on);


CREATE UNIQUE INDEX statistics_snapshot_version ON public.statistics_snapshot USING btree (organisation_id, taken_on, number) WHERE (kind = 'day'::text);


CREATE INDEX timetable_bellschedule_school_id_73369039 ON public.timetable_bellschedule USING btree (school_id);


CREATE INDEX timetable_calendarday_organisation_id_73233a1f ON public.timetable_calendarday USING btree (organisation_id);


CREATE INDEX timetable_change_day ON public.timetable_lessonchange USING btree (school_id, day);


CREATE INDEX timetable_change_to_day ON public.timetable_lessonchange USING btree (school_id, to_day) WHERE (to_day IS NOT NULL);


CREATE INDEX timetable_feed_class_group_id_47ae9b89 ON public.timetable_feed USING btree (class_group_id);


CREATE INDEX timetable_feed_owner_id_3e8ec3b9 ON public.timetable_feed USING btree (owner_id);


CREATE INDEX timetable_lesson_class_group_id_abd70d5f ON public.timetable_lesson USING btree (class_group_id);


CREATE INDEX timetable_lesson_version ON public.timetable_lesson USING btree (timetable_id, class_group_id);


CREATE INDEX timetable_lessonchange_original_id_2a458c55 ON public.timetable_lessonchange USING btree (original_id);


CREATE INDEX timetable_lessonchange_substitute_id_3b3f461d ON public.timetable_lessonchange USING btree (substitute_id);


CREATE INDEX timetable_lessonteacher_lesson_id_d76b4f02 ON public.timetable_lessonteacher USING btree (lesson_id);


CREATE INDEX timetable_lessonteacher_person_id_3f65397c ON public.timetable_lessonteacher USING btree (person_id);


CREATE UNIQUE INDEX timetable_one_change_a_lesson ON public.timetable_lessonchange USING btree (lesson_id, day) WHERE (withdrawn_at IS NULL);


CREATE UNIQUE INDEX timetable_one_draft ON public.timetable_timetable USING btree (school_id, term_id) WHERE (state = 'draft'::text);


CREATE INDEX timetable_timetable_school_id_8b560ed2 ON public.timetable_timetable USING btree (school_id);


CREATE INDEX timetable_timetable_term_id_be1d1c65 ON public.timetable_timetable USING btree (term_id);


CREATE INDEX timetable_timetableimport_school_id_05d57afb ON public.timetable_timetableimport USING btree (school_id);


CREATE INDEX timetable_timetableimport_timetable_id_20706c10 ON public.timetable_timetableimport USING btree (timetable_id);


CREATE UNIQUE INDEX upstream_identifier_one_person ON public.upstream_identifier USING btree (issuer, value) WHERE (valid_to IS NULL);


CREATE UNIQUE INDEX upstream_identifier_one_value ON public.upstream_identifier USING btree (person_id, issuer) WHERE (valid_to IS NULL);


CREATE INDEX upstream_identifier_person ON public.upstream_identifier USING btree (person_id);


CREATE INDEX upstream_issuerkeys_issuer_6dcf5389_like ON public.upstream_issuerkeys USING btree (issuer text_pattern_ops);


CREATE INDEX upstream_source_code_3340e78e_like ON public.upstream_source USING btree (code varchar_pattern_ops);


CREATE INDEX upstream_spenttoken_expires_at_5d5b3ec4 ON public.upstream_spenttoken USING btree (expires_at);


CREATE INDEX upstream_spenttoken_source_id_2e693a9d ON public.upstream_spenttoken USING btree (source_id);


CREATE INDEX upstream_unmatched_list ON public.upstream_unmatched USING btree (state, last_at DESC, id DESC);


CREATE INDEX upstream_unmatched_source_id_cdc16cff ON public.upstream_unmatched USING btree (source_id);


CREATE INDEX upstream_visit_session ON public.upstream_visit USING btree (source_id, session_above);


CREATE INDEX upstream_visit_session_id_cce5542d ON public.upstream_visit USING btree (session_id);


CREATE INDEX upstream_visit_subject ON public.upstream_visit USING btree (source_id, subject);


CREATE INDEX workflow_call_case ON public.workflow_call USING btree (case_id, id);


CREATE INDEX workflow_case_by_name ON public.workflow_case USING btree (starter_name, id DESC);


CREATE INDEX workflow_case_by_number ON public.workflow_case USING btree (number);


CREATE INDEX workflow_case_called ON public.workflow_case USING btree (parent_id) WHERE (parent_id IS NOT NULL);


CREATE INDEX workflow_case_ended ON public.workflow_case USING btree (ended_at) WHERE ((archived_at IS NULL) AND (ended_at IS NOT NULL));


CREATE INDEX workflow_case_finished ON public.workflow_case USING btree (ended_at DESC, id DESC) WHERE (ended_at IS NOT NULL);


CREATE INDEX workflow_case_path ON public.workflow_case USING btree (path, id DESC);


CREATE INDEX workflow_case_starter ON public.workflow_case USING btree (starter_id, id DESC);


CREATE INDEX workflow_case_state ON public.workflow_case USING btree (state, id DESC, path);


CREATE INDEX workflow_case_stuck ON public.workflow_case USING btree (path, id DESC) WHERE (state = 'stuck'::text);


CREATE INDEX workflow_case_subject ON public.workflow_case USING btree (subject_id, id DESC);


CREATE INDEX workflow_case_version ON public.workflow_case USING btree (version_id, id DESC);


CREATE INDEX workflow_file_case ON public.workflow_casefile USING btree (case_id, id);


CREATE INDEX workflow_log_case ON public.workflow_caselog USING btree (case_id, id);


CREATE UNIQUE INDEX workflow_one_draft ON public.workflow_definitionversion USING btree (organisation_id, key) WHERE (state = 'draft'::text);


CREATE UNIQUE INDEX workflow_one_published ON public.workflow_definitionversion USING btree (organisation_id, key) WHERE (state = 'published'::text);


CREATE INDEX workflow_seal_case ON public.workflow_caseseal USING btree (case_id, id);


CREATE INDEX workflow_subscription_case ON public.workflow_subscription USING btree (case_id);


CREATE INDEX workflow_subscription_name ON public.workflow_subscription USING btree (name, key);


CREATE INDEX workflow_task_actor ON public.workflow_task USING btree (actor_id, id DESC) WHERE (actor_id IS NOT NULL);


CREATE INDEX workflow_task_case ON public.workflow_task USING btree (case_id, id);


CREATE INDEX workflow_task_due ON public.workflow_task USING btree (due_at) WHERE ((due_at IS NOT NULL) AND (state = 'open'::text));


CREATE INDEX workflow_task_holder ON public.workflow_task USING btree (holder_id) WHERE ((holder_id IS NOT NULL) AND (state = 'open'::text));


CREATE INDEX workflow_task_open ON public.workflow_task USING gin (addresses) WHERE (state = 'open'::text);


CREATE INDEX workflow_timer_case ON public.workflow_timer USING btree (case_id);


CREATE INDEX workflow_timer_due ON public.workflow_timer USING btree (due_at);


CREATE INDEX workflow_version_key ON public.workflow_definitionversion USING btree (key, organisation_id);


CREATE INDEX yearly_decision_kind ON public.yearly_pupildecision USING btree (kind, plan_id);


CREATE INDEX yearly_placement_path ON public.yearly_placement USING btree (path, id);


CREATE INDEX yearly_placement_school_id_d077d93c ON public.yearly_placement USING btree (school_id);


CREATE INDEX yearly_placementpupil_person_id_8a281e4d ON public.yearly_placementpupil USING btree (person_id);


CREATE INDEX yearly_plan_path ON public.yearly_schoolplan USING btree (rollover_id, path);


CREATE INDEX yearly_plannedclass_class_group_id_c21b46c6 ON public.yearly_plannedclass USING btree (class_group_id);


CREATE INDEX yearly_plannedclass_plan_id_215cf64b ON public.yearly_plannedclass USING btree (plan_id);


CREATE INDEX yearly_pupildecision_class_after_id_9893b1a4 ON public.yearly_pupildecision USING btree (class_after_id);


CREATE INDEX yearly_pupildecision_class_group_id_620c12d7 ON public.yearly_pupildecision USING btree (class_group_id);


CREATE INDEX yearly_pupildecision_person_id_28beb86c ON public.yearly_pupildecision USING btree (person_id);


CREATE INDEX yearly_rollover_to_year_d0f37a1e_like ON public.yearly_rollover USING btree (to_year varchar_pattern_ops);


CREATE INDEX yearly_rolloverrun_rollover_id_9c5ef232 ON public.yearly_rolloverrun USING btree (rollover_id);


CREATE INDEX yearly_rolloverrun_rollover_id_9c5ef232_like ON public.yearly_rolloverrun USING btree (rollover_id varchar_pattern_ops);


CREATE INDEX yearly_run_latest ON public.yearly_rolloverrun USING btree (rollover_id, created_at DESC);


CREATE INDEX yearly_schoolplan_school_id_d69c0343 ON public.yearly_schoolplan USING btree (school_id);


CREATE TRIGGER identity_overseers_apart BEFORE INSERT OR UPDATE OF account_id, role, ended_at ON public.identity_roleassignment FOR EACH ROW WHEN ((new.ended_at IS NULL)) EXECUTE FUNCTION public.identity_overseers_apart();


CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN (((old.abort_requested = false) AND (new.abort_requested = true) AND (new.status = 'doing'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_notify_queue_abort_job_v1();


CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_notify_queue_job_inserted_v1();


CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.abort_requested = true)) EXECUTE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1();


CREATE TRIGGER procrastinate_trigger_delete_jobs_v1 BEFORE DELETE ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_unlink_periodic_defers_v1();


CREATE TRIGGER procrastinate_trigger_scheduled_events_v1 AFTER INSERT OR UPDATE ON public.procrastinate_jobs FOR EACH ROW WHEN (((new.scheduled_at IS NOT NULL) AND (new.status = 'todo'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1();


CREATE TRIGGER procrastinate_trigger_status_events_insert_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1();


CREATE TRIGGER procrastinate_trigger_status_events_update_v1 AFTER UPDATE OF status ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_update_v1();


CREATE TRIGGER statistics_frozen BEFORE UPDATE ON public.statistics_sheet FOR EACH ROW WHEN (((((((((old.round_id IS DISTINCT FROM new.round_id) OR (old.school_id IS DISTINCT FROM new.school_id)) OR (old.version IS DISTINCT FROM new.version)) OR (old.number IS DISTINCT FROM new.number)) OR ((old.check_code)::text IS DISTINCT FROM (new.check_code)::text)) OR (old.snapshot_id IS DISTINCT FROM new.snapshot_id)) OR ((old.digest)::text IS DISTINCT FROM (new.digest)::text)) OR ((old.confirmed_at IS NOT NULL) AND ((((old.confirmed_at IS DISTINCT FROM new.confirmed_at) OR (old.confirmed_by IS DISTINCT FROM new.confirmed_by)) OR (old.ticks IS DISTINCT FROM new.ticks)) OR (old.class_checks IS DISTINCT FROM new.class_checks))))) EXECUTE FUNCTION public.statistics_refuse();


CREATE TRIGGER statistics_frozen BEFORE UPDATE ON public.statistics_snapshot FOR EACH ROW WHEN ((old.state = 'sealed'::text)) EXECUTE FUNCTION public.statistics_refuse();


CREATE TRIGGER statistics_frozen BEFORE DELETE OR UPDATE ON public.statistics_snapshotchange FOR EACH ROW EXECUTE FUNCTION public.statistics_refuse();


CREATE TRIGGER statistics_frozen BEFORE DELETE OR UPDATE ON public.statistics_snapshotclass FOR EACH ROW EXECUTE FUNCTION public.statistics_refuse();


CREATE TRIGGER statistics_frozen BEFORE DELETE OR UPDATE ON public.statistics_snapshotpupil FOR EACH ROW EXECUTE FUNCTION public.statistics_refuse();


CREATE TRIGGER statistics_frozen BEFORE DELETE OR UPDATE ON public.statistics_snapshotschool FOR EACH ROW EXECUTE FUNCTION public.statistics_refuse();


CREATE TRIGGER statistics_frozen BEFORE DELETE OR UPDATE ON public.statistics_snapshotstaff FOR EACH ROW EXECUTE FUNCTION public.statistics_refuse();


CREATE TRIGGER statistics_kept BEFORE DELETE ON public.statistics_sheet FOR EACH ROW EXECUTE FUNCTION public.statistics_refuse();


CREATE TRIGGER statistics_kept BEFORE DELETE ON public.statistics_snapshot FOR EACH ROW EXECUTE FUNCTION public.statistics_refuse();


CREATE TRIGGER statistics_late AFTER INSERT ON public.statistics_snapshotchange REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.statistics_refuse_late();


CREATE TRIGGER statistics_late AFTER INSERT ON public.statistics_snapshotclass REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.statistics_refuse_late();


CREATE TRIGGER statistics_late AFTER INSERT ON public.statistics_snapshotpupil REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.statistics_refuse_late();


CREATE TRIGGER statistics_late AFTER INSERT ON public.statistics_snapshotstaff REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.statistics_refuse_late();


CREATE TRIGGER statistics_sealed BEFORE INSERT ON public.statistics_snapshotschool FOR EACH ROW EXECUTE FUNCTION public.statistics_refuse_sealed();


ALTER TABLE ONLY public.applications_adoption
    ADD CONSTRAINT applications_adoptio_application_id_a7150378_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_adoption
    ADD CONSTRAINT applications_adoptio_organisation_id_2b5f9c38_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_applicationfiling
    ADD CONSTRAINT applications_applica_application_id_e8870cdf_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_application
    ADD CONSTRAINT applications_applica_organisation_id_cf3f9530_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_application
    ADD CONSTRAINT applications_applica_vendor_id_9985b08d_fk_applicati FOREIGN KEY (vendor_id) REFERENCES public.applications_vendor(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_consent
    ADD CONSTRAINT applications_consent_account_id_761261a1_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_consentbatch
    ADD CONSTRAINT applications_consent_application_id_64af8064_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_consent
    ADD CONSTRAINT applications_consent_application_id_fdea238e_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_consent
    ADD CONSTRAINT applications_consent_batch_id_ec41558a_fk_applicati FOREIGN KEY (batch_id) REFERENCES public.applications_consentbatch(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_consentbatch
    ADD CONSTRAINT applications_consent_class_group_id_d6a5840c_fk_registry_ FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_consent
    ADD CONSTRAINT applications_consent_person_id_2c585527_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_legacyaccount
    ADD CONSTRAINT applications_legacya_application_id_c2aa3114_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_legacyaccount
    ADD CONSTRAINT applications_legacya_person_id_f61d2524_fk_registry_ FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_logoutnotice
    ADD CONSTRAINT applications_logoutn_application_id_88e1c181_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_logoutnotice
    ADD CONSTRAINT applications_logoutn_participation_id_c1491e9f_fk_applicati FOREIGN KEY (participation_id) REFERENCES public.applications_participation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_participation
    ADD CONSTRAINT applications_partici_application_id_366b35fd_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_participation
    ADD CONSTRAINT applications_partici_session_id_87394576_fk_identity_ FOREIGN KEY (session_id) REFERENCES public.identity_ssosession(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_release
    ADD CONSTRAINT applications_release_account_id_1344a919_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_release
    ADD CONSTRAINT applications_release_application_id_6830d0a4_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_release
    ADD CONSTRAINT applications_release_person_id_4cc3cb1c_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_requestlog
    ADD CONSTRAINT applications_request_application_id_12e45418_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_review
    ADD CONSTRAINT applications_review_account_id_d55db3b5_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_review
    ADD CONSTRAINT applications_review_application_id_b43ce63d_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_sandboxperson
    ADD CONSTRAINT applications_sandbox_account_id_29bc38e6_fk_identity_ FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_sandboxperson
    ADD CONSTRAINT applications_sandbox_vendor_id_023667e9_fk_applicati FOREIGN KEY (vendor_id) REFERENCES public.applications_vendor(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_sandboxclass
    ADD CONSTRAINT applications_sandbox_vendor_id_f722a946_fk_applicati FOREIGN KEY (vendor_id) REFERENCES public.applications_vendor(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_scopegrant
    ADD CONSTRAINT applications_scopegr_application_id_634887ff_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_secret
    ADD CONSTRAINT applications_secret_application_id_1efb978a_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_subject
    ADD CONSTRAINT applications_subject_account_id_9233fd87_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_subject
    ADD CONSTRAINT applications_subject_application_id_9bacdb9d_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_subject
    ADD CONSTRAINT applications_subject_person_id_e64326ca_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_vendor
    ADD CONSTRAINT applications_vendor_organisation_id_971eb0f1_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_vendormember
    ADD CONSTRAINT applications_vendorm_account_id_30eb1192_fk_identity_ FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.applications_vendormember
    ADD CONSTRAINT applications_vendorm_vendor_id_be3c466a_fk_applicati FOREIGN KEY (vendor_id) REFERENCES public.applications_vendor(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.cas_service
    ADD CONSTRAINT cas_service_application_id_3561d4ed_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.cas_ticket
    ADD CONSTRAINT cas_ticket_application_id_74196f0a_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.cas_ticket
    ADD CONSTRAINT cas_ticket_session_id_9f316a44_fk_identity_ssosession_id FOREIGN KEY (session_id) REFERENCES public.identity_ssosession(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.collection_answer
    ADD CONSTRAINT collection_answer_collection_id_fe4c476c_fk_collectio FOREIGN KEY (collection_id) REFERENCES public.collection_collection(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.collection_answer
    ADD CONSTRAINT collection_answer_post_id_2ce92827_fk_registry_post_id FOREIGN KEY (post_id) REFERENCES public.registry_post(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.collection_answer
    ADD CONSTRAINT collection_answer_school_id_52b05669_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.collection_collection
    ADD CONSTRAINT collection_collectio_organisation_id_2ca03f16_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.collection_collection
    ADD CONSTRAINT collection_collectio_previous_id_51c33506_fk_collectio FOREIGN KEY (previous_id) REFERENCES public.collection_collection(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.collection_part
    ADD CONSTRAINT collection_part_collection_id_918805eb_fk_collectio FOREIGN KEY (collection_id) REFERENCES public.collection_collection(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.collection_part
    ADD CONSTRAINT collection_part_organisation_id_2402d232_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.collection_report
    ADD CONSTRAINT collection_report_answer_id_4256d82f_fk_collection_answer_id FOREIGN KEY (answer_id) REFERENCES public.collection_answer(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.collection_sheet
    ADD CONSTRAINT collection_sheet_answer_id_96cc1e0c_fk_collection_answer_id FOREIGN KEY (answer_id) REFERENCES public.collection_answer(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.collection_step
    ADD CONSTRAINT collection_step_answer_id_881690a2_fk_collection_answer_id FOREIGN KEY (answer_id) REFERENCES public.collection_answer(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.collection_step
    ADD CONSTRAINT collection_step_collection_id_4b61b5a2_fk_collectio FOREIGN KEY (collection_id) REFERENCES public.collection_collection(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_account
    ADD CONSTRAINT identity_account_person_id_b0155c6e_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_activationcode
    ADD CONSTRAINT identity_activationc_account_id_bf8e827f_fk_identity_ FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_activationcode
    ADD CONSTRAINT identity_activationc_person_id_760a15f1_fk_registry_ FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_alert
    ADD CONSTRAINT identity_alert_account_id_d4704934_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_classcard
    ADD CONSTRAINT identity_classcard_account_id_a4706445_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_classpin
    ADD CONSTRAINT identity_classpin_account_id_3d6920cd_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_classsession
    ADD CONSTRAINT identity_classsessio_account_id_0ddba941_fk_identity_ FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_classsession
    ADD CONSTRAINT identity_classsessio_class_group_id_6230a0b7_fk_registry_ FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_datafile
    ADD CONSTRAINT identity_datafile_account_id_3eec04bf_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_datafile
    ADD CONSTRAINT identity_datafile_person_id_a9839ca9_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_guardianclaim
    ADD CONSTRAINT identity_guardiancla_account_id_68bef592_fk_identity_ FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_guardianclaim
    ADD CONSTRAINT identity_guardianclaim_child_id_6fe1577a_fk_registry_person_id FOREIGN KEY (child_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_guardianrevocation
    ADD CONSTRAINT identity_guardianrev_child_id_04b01480_fk_registry_ FOREIGN KEY (child_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_invitation
    ADD CONSTRAINT identity_invitation_account_id_c05f7e9f_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_invitationround
    ADD CONSTRAINT identity_invitationr_organisation_id_241f0540_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_knowndevice
    ADD CONSTRAINT identity_knowndevice_account_id_f71ea6d4_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_onetimeapp
    ADD CONSTRAINT identity_onetimeapp_account_id_3e5e0cfd_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_passkey
    ADD CONSTRAINT identity_passkey_account_id_2c237ea7_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_realnameproof
    ADD CONSTRAINT identity_realnamepro_account_id_ee6682d7_fk_identity_ FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_recoverycode
    ADD CONSTRAINT identity_recoverycod_account_id_e314d7f9_fk_identity_ FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_roleassignment
    ADD CONSTRAINT identity_roleassignm_account_id_d1ff39f7_fk_identity_ FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_roleassignment
    ADD CONSTRAINT identity_roleassignm_organisation_id_8c3375ce_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_roomseat
    ADD CONSTRAINT identity_roomseat_account_id_b08e4581_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_roomseat
    ADD CONSTRAINT identity_roomseat_class_session_id_ac4d8b4a_fk_identity_ FOREIGN KEY (class_session_id) REFERENCES public.identity_classsession(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_roomseat
    ADD CONSTRAINT identity_roomseat_sso_session_id_5ce1a8be_fk_identity_ FOREIGN KEY (sso_session_id) REFERENCES public.identity_ssosession(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_screenrequest
    ADD CONSTRAINT identity_screenreque_class_session_id_d94986ba_fk_identity_ FOREIGN KEY (class_session_id) REFERENCES public.identity_classsession(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_signinattempt
    ADD CONSTRAINT identity_signinattem_account_id_81f9fac9_fk_identity_ FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_signinfigures
    ADD CONSTRAINT identity_signinfigur_organisation_id_6bee6e16_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_slipbatch
    ADD CONSTRAINT identity_slipbatch_organisation_id_cf46d196_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_smsbudget
    ADD CONSTRAINT identity_smsbudget_organisation_id_46d1b2bc_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_smsuse
    ADD CONSTRAINT identity_smsuse_organisation_id_b2cf8453_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.identity_ssosession
    ADD CONSTRAINT identity_ssosession_account_id_9d5a60e0_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_attachment
    ADD CONSTRAINT inbox_attachment_notice_id_ed15af23_fk_inbox_notice_id FOREIGN KEY (notice_id) REFERENCES public.inbox_notice(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_attachment
    ADD CONSTRAINT inbox_attachment_receipt_id_9c8194d6_fk_inbox_receipt_id FOREIGN KEY (receipt_id) REFERENCES public.inbox_receipt(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_groupround
    ADD CONSTRAINT inbox_groupround_notice_id_d0a38e48_fk_inbox_notice_id FOREIGN KEY (notice_id) REFERENCES public.inbox_notice(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_news
    ADD CONSTRAINT inbox_news_about_id_525b76ec_fk_registry_person_id FOREIGN KEY (about_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_newsseen
    ADD CONSTRAINT inbox_newsseen_news_id_fe746cd3_fk_inbox_news_id FOREIGN KEY (news_id) REFERENCES public.inbox_news(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_newsseen
    ADD CONSTRAINT inbox_newsseen_person_id_9d895b70_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_notice
    ADD CONSTRAINT inbox_notice_class_group_id_6b13f691_fk_registry_classgroup_id FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_notice
    ADD CONSTRAINT inbox_notice_corrects_id_8e48882c_fk_inbox_notice_id FOREIGN KEY (corrects_id) REFERENCES public.inbox_notice(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_notice
    ADD CONSTRAINT inbox_notice_organisation_id_e45160fa_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_notice
    ADD CONSTRAINT inbox_notice_post_id_908871d8_fk_registry_post_id FOREIGN KEY (post_id) REFERENCES public.registry_post(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_noticeserial
    ADD CONSTRAINT inbox_noticeserial_organisation_id_80d2b1ed_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_noticetarget
    ADD CONSTRAINT inbox_noticetarget_class_group_id_63fae996_fk_registry_ FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_noticetarget
    ADD CONSTRAINT inbox_noticetarget_handed_by_id_6c2cf0f3_fk_inbox_receipt_id FOREIGN KEY (handed_by_id) REFERENCES public.inbox_receipt(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_noticetarget
    ADD CONSTRAINT inbox_noticetarget_notice_id_0cae4421_fk_inbox_notice_id FOREIGN KEY (notice_id) REFERENCES public.inbox_notice(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_noticetarget
    ADD CONSTRAINT inbox_noticetarget_organisation_id_4c779b11_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_noticetarget
    ADD CONSTRAINT inbox_noticetarget_person_id_87bb0c00_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_noticetarget
    ADD CONSTRAINT inbox_noticetarget_post_id_de485438_fk_registry_post_id FOREIGN KEY (post_id) REFERENCES public.registry_post(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_quiethours
    ADD CONSTRAINT inbox_quiethours_organisation_id_8f33dc20_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_receipt
    ADD CONSTRAINT inbox_receipt_notice_id_78eca33f_fk_inbox_notice_id FOREIGN KEY (notice_id) REFERENCES public.inbox_notice(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_receipt
    ADD CONSTRAINT inbox_receipt_person_id_ee76f3bd_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_receipt
    ADD CONSTRAINT inbox_receipt_post_id_77e0e4de_fk_registry_post_id FOREIGN KEY (post_id) REFERENCES public.registry_post(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_reminder
    ADD CONSTRAINT inbox_reminder_notice_id_be02678b_fk_inbox_notice_id FOREIGN KEY (notice_id) REFERENCES public.inbox_notice(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_reminder
    ADD CONSTRAINT inbox_reminder_person_id_da3bae9f_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_reminder
    ADD CONSTRAINT inbox_reminder_post_id_18c3e961_fk_registry_post_id FOREIGN KEY (post_id) REFERENCES public.registry_post(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_reminder
    ADD CONSTRAINT inbox_reminder_reader_id_cfac7951_fk_registry_person_id FOREIGN KEY (reader_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_reminder
    ADD CONSTRAINT inbox_reminder_round_id_638e3675_fk_inbox_reminderround_id FOREIGN KEY (round_id) REFERENCES public.inbox_reminderround(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_reminderround
    ADD CONSTRAINT inbox_reminderround_notice_id_08739d3c_fk_inbox_notice_id FOREIGN KEY (notice_id) REFERENCES public.inbox_notice(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_robot
    ADD CONSTRAINT inbox_robot_class_group_id_89d5e22b_fk_registry_classgroup_id FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_robot
    ADD CONSTRAINT inbox_robot_organisation_id_0634f259_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_step
    ADD CONSTRAINT inbox_step_notice_id_31301108_fk_inbox_notice_id FOREIGN KEY (notice_id) REFERENCES public.inbox_notice(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_step
    ADD CONSTRAINT inbox_step_organisation_id_1f724b5b_fk_registry_organisation_id FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_step
    ADD CONSTRAINT inbox_step_to_person_id_c04831fe_fk_registry_person_id FOREIGN KEY (to_person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_step
    ADD CONSTRAINT inbox_step_to_post_id_b044f592_fk_registry_post_id FOREIGN KEY (to_post_id) REFERENCES public.registry_post(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.inbox_sum
    ADD CONSTRAINT inbox_sum_notice_id_8cc6a5a4_fk_inbox_notice_id FOREIGN KEY (notice_id) REFERENCES public.inbox_notice(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.intake_finding
    ADD CONSTRAINT intake_finding_owner_id_68f9f7d6_fk_intake_import_id FOREIGN KEY (owner_id) REFERENCES public.intake_import(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.intake_import
    ADD CONSTRAINT intake_import_organisation_id_dc13074e_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.intake_import
    ADD CONSTRAINT intake_import_source_id_e29b24bc_fk_registry_source_id FOREIGN KEY (source_id) REFERENCES public.registry_source(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.intake_importfile
    ADD CONSTRAINT intake_importfile_owner_id_3d20852c_fk_intake_import_id FOREIGN KEY (owner_id) REFERENCES public.intake_import(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.kernel_file_reference
    ADD CONSTRAINT kernel_file_reference_file_id_257d7116_fk_kernel_file_digest FOREIGN KEY (file_id) REFERENCES public.kernel_file(digest) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.kernel_outbox_retry
    ADD CONSTRAINT kernel_outbox_retry_event_id_ef965eda_fk_kernel_outbox_id FOREIGN KEY (event_id) REFERENCES public.kernel_outbox(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_launch
    ADD CONSTRAINT lti_launch_class_group_id_3fdde2ed_fk_registry_classgroup_id FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_launch
    ADD CONSTRAINT lti_launch_link_id_7bfd3e08_fk_lti_resourcelink_id FOREIGN KEY (link_id) REFERENCES public.lti_resourcelink(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_launch
    ADD CONSTRAINT lti_launch_sandbox_class_id_e1b7483f_fk_applicati FOREIGN KEY (sandbox_class_id) REFERENCES public.applications_sandboxclass(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_launch
    ADD CONSTRAINT lti_launch_session_id_1e8bff88_fk_identity_ssosession_id FOREIGN KEY (session_id) REFERENCES public.identity_ssosession(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_launch
    ADD CONSTRAINT lti_launch_tool_id_e3302813_fk_lti_tool_id FOREIGN KEY (tool_id) REFERENCES public.lti_tool(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_lineitem
    ADD CONSTRAINT lti_lineitem_class_group_id_ae88a612_fk_registry_classgroup_id FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_lineitem
    ADD CONSTRAINT lti_lineitem_link_id_e32ce884_fk_lti_resourcelink_id FOREIGN KEY (link_id) REFERENCES public.lti_resourcelink(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_lineitem
    ADD CONSTRAINT lti_lineitem_sandbox_class_id_b30963f6_fk_applicati FOREIGN KEY (sandbox_class_id) REFERENCES public.applications_sandboxclass(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_lineitem
    ADD CONSTRAINT lti_lineitem_tool_id_5fbe677f_fk_lti_tool_id FOREIGN KEY (tool_id) REFERENCES public.lti_tool(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_resourcelink
    ADD CONSTRAINT lti_resourcelink_class_group_id_27f94aac_fk_registry_ FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_resourcelink
    ADD CONSTRAINT lti_resourcelink_sandbox_class_id_6ee9d275_fk_applicati FOREIGN KEY (sandbox_class_id) REFERENCES public.applications_sandboxclass(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_resourcelink
    ADD CONSTRAINT lti_resourcelink_tool_id_d051fcf6_fk_lti_tool_id FOREIGN KEY (tool_id) REFERENCES public.lti_tool(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_score
    ADD CONSTRAINT lti_score_account_id_7a179eb0_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_score
    ADD CONSTRAINT lti_score_item_id_0d82e9d5_fk_lti_lineitem_id FOREIGN KEY (item_id) REFERENCES public.lti_lineitem(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_score
    ADD CONSTRAINT lti_score_person_id_932a3523_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.lti_tool
    ADD CONSTRAINT lti_tool_application_id_bc9d8c35_fk_applications_application_id FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.office_absence
    ADD CONSTRAINT office_absence_class_group_id_16846fd0_fk_registry_ FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.office_absence
    ADD CONSTRAINT office_absence_person_id_40c439dc_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.office_absence
    ADD CONSTRAINT office_absence_school_id_e58b6cb8_fk_registry_organisation_id FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.office_cover
    ADD CONSTRAINT office_cover_absence_id_a0ccb6e8_fk_office_absence_id FOREIGN KEY (absence_id) REFERENCES public.office_absence(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.office_cover
    ADD CONSTRAINT office_cover_change_id_72578528_fk_timetable_lessonchange_id FOREIGN KEY (change_id) REFERENCES public.timetable_lessonchange(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.office_cover
    ADD CONSTRAINT office_cover_substitute_id_3606b4f7_fk_registry_person_id FOREIGN KEY (substitute_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.office_leaverule
    ADD CONSTRAINT office_leaverule_organisation_id_4085dceb_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.office_onlineleave
    ADD CONSTRAINT office_onlineleave_organisation_id_b21632ec_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.oidc_grant
    ADD CONSTRAINT oidc_grant_account_id_5e5dbdae_fk_identity_account_id FOREIGN KEY (account_id) REFERENCES public.identity_account(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.oidc_grant
    ADD CONSTRAINT oidc_grant_application_id_ca38ae26_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.oidc_grant
    ADD CONSTRAINT oidc_grant_session_id_e930ae41_fk_identity_ssosession_id FOREIGN KEY (session_id) REFERENCES public.identity_ssosession(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.oidc_oidcclient
    ADD CONSTRAINT oidc_oidcclient_application_id_923fc487_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id) ON DELETE CASCADE;


ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES public.procrastinate_workers(id) ON DELETE SET NULL;


ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id);


ALTER TABLE ONLY public.quality_dayscore
    ADD CONSTRAINT quality_dayscore_school_id_ccb52baa_fk_registry_organisation_id FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.quality_finding
    ADD CONSTRAINT quality_finding_rule_id_da808832_fk_quality_qualityrule_code FOREIGN KEY (rule_id) REFERENCES public.quality_qualityrule(code) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.quality_finding
    ADD CONSTRAINT quality_finding_school_id_2c5980c7_fk_registry_organisation_id FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.quality_finding
    ADD CONSTRAINT quality_finding_work_order_id_d3c63ae3_fk_quality_workorder_id FOREIGN KEY (work_order_id) REFERENCES public.quality_workorder(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.quality_widefinding
    ADD CONSTRAINT quality_widefinding_evaluation_id_1a08842a_fk_quality_e FOREIGN KEY (evaluation_id) REFERENCES public.quality_evaluation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.quality_workorder
    ADD CONSTRAINT quality_workorder_school_id_533358f3_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_case
    ADD CONSTRAINT reconciliation_case_last_run_id_f12005bd_fk_reconcili FOREIGN KEY (last_run_id) REFERENCES public.reconciliation_run(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_case
    ADD CONSTRAINT reconciliation_case_other_school_id_8844b2aa_fk_registry_ FOREIGN KEY (other_school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_case
    ADD CONSTRAINT reconciliation_case_owner_id_96803579_fk_registry_ FOREIGN KEY (owner_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_case
    ADD CONSTRAINT reconciliation_case_person_id_a33f3071_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_case
    ADD CONSTRAINT reconciliation_case_school_id_1a72ca18_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_evidence
    ADD CONSTRAINT reconciliation_evide_case_id_ad26cbc0_fk_reconcili FOREIGN KEY (case_id) REFERENCES public.reconciliation_case(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_evidence
    ADD CONSTRAINT reconciliation_evide_ticket_id_e3504339_fk_reconcili FOREIGN KEY (ticket_id) REFERENCES public.reconciliation_ticket(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_fileentry
    ADD CONSTRAINT reconciliation_filee_file_id_a9eee74d_fk_reconcili FOREIGN KEY (file_id) REFERENCES public.reconciliation_nationalfile(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_fileentry
    ADD CONSTRAINT reconciliation_filee_person_id_76a91091_fk_registry_ FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_fileentry
    ADD CONSTRAINT reconciliation_filee_school_id_c2fbf589_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_listedchild
    ADD CONSTRAINT reconciliation_liste_organisation_id_63fbda58_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_reminder
    ADD CONSTRAINT reconciliation_remin_owner_id_00c835b3_fk_registry_ FOREIGN KEY (owner_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_run
    ADD CONSTRAINT reconciliation_run_file_id_b33fa0a0_fk_reconcili FOREIGN KEY (file_id) REFERENCES public.reconciliation_nationalfile(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_tally
    ADD CONSTRAINT reconciliation_tally_run_id_4a93b235_fk_reconciliation_run_id FOREIGN KEY (run_id) REFERENCES public.reconciliation_run(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_ticket
    ADD CONSTRAINT reconciliation_ticke_school_id_16f0fd7b_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.reconciliation_ticket
    ADD CONSTRAINT reconciliation_ticket_person_id_a71355cf_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_actor
    ADD CONSTRAINT records_actor_person_id_8b302fec_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_actor
    ADD CONSTRAINT records_actor_tenant_id_54f0b94e_fk_records_tenant_id FOREIGN KEY (tenant_id) REFERENCES public.records_tenant(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_attachment
    ADD CONSTRAINT records_attachment_tenant_id_7bc13403_fk_records_tenant_id FOREIGN KEY (tenant_id) REFERENCES public.records_tenant(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_course
    ADD CONSTRAINT records_course_organisation_id_8f2752bb_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_course
    ADD CONSTRAINT records_course_tenant_id_30d2334b_fk_records_tenant_id FOREIGN KEY (tenant_id) REFERENCES public.records_tenant(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_coursefile
    ADD CONSTRAINT records_coursefile_course_id_c6c28746_fk_records_course_id FOREIGN KEY (course_id) REFERENCES public.records_course(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_credential
    ADD CONSTRAINT records_credential_tenant_id_2b1d4845_fk_records_tenant_id FOREIGN KEY (tenant_id) REFERENCES public.records_tenant(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_deadletter
    ADD CONSTRAINT records_deadletter_forward_id_6850ce6e_fk_records_forward_id FOREIGN KEY (forward_id) REFERENCES public.records_forward(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_document
    ADD CONSTRAINT records_document_actor_id_6de3d9ae_fk_records_actor_id FOREIGN KEY (actor_id) REFERENCES public.records_actor(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_document
    ADD CONSTRAINT records_document_tenant_id_8b32c565_fk_records_tenant_id FOREIGN KEY (tenant_id) REFERENCES public.records_tenant(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_face
    ADD CONSTRAINT records_face_actor_id_88ae137d_fk_records_actor_id FOREIGN KEY (actor_id) REFERENCES public.records_actor(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_forward
    ADD CONSTRAINT records_forward_tenant_id_e1eae5e6_fk_records_tenant_id FOREIGN KEY (tenant_id) REFERENCES public.records_tenant(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_part
    ADD CONSTRAINT records_part_month_id_aea7711a_fk_records_month_name FOREIGN KEY (month_id) REFERENCES public.records_month(name) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_refusal
    ADD CONSTRAINT records_refusal_credential_id_0e9a9804_fk_records_credential_id FOREIGN KEY (credential_id) REFERENCES public.records_credential(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_registration
    ADD CONSTRAINT records_registration_course_id_b985fdfa_fk_records_course_id FOREIGN KEY (course_id) REFERENCES public.records_course(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_registration
    ADD CONSTRAINT records_registration_person_id_4b371164_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_session
    ADD CONSTRAINT records_session_registration_id_d83ac44d_fk_records_r FOREIGN KEY (registration_id) REFERENCES public.records_registration(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_tenant
    ADD CONSTRAINT records_tenant_application_id_2a3865ca_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_tenant
    ADD CONSTRAINT records_tenant_organisation_id_b9357bd8_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_term
    ADD CONSTRAINT records_term_tenant_id_031f74cc_fk_records_tenant_id FOREIGN KEY (tenant_id) REFERENCES public.records_tenant(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_unitstate
    ADD CONSTRAINT records_unitstate_registration_id_bd50394e_fk_records_r FOREIGN KEY (registration_id) REFERENCES public.records_registration(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.records_volume
    ADD CONSTRAINT records_volume_tenant_id_188f55bd_fk_records_tenant_id FOREIGN KEY (tenant_id) REFERENCES public.records_tenant(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_appointment
    ADD CONSTRAINT registry_appointment_organisation_id_9fb77989_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_appointment
    ADD CONSTRAINT registry_appointment_person_id_1583a918_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_classgroup_terms
    ADD CONSTRAINT registry_classgroup__classgroup_id_a40b0c74_fk_registry_ FOREIGN KEY (classgroup_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_classgroup
    ADD CONSTRAINT registry_classgroup_course_id_16508e91_fk_registry_course_id FOREIGN KEY (course_id) REFERENCES public.registry_course(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_classgroup
    ADD CONSTRAINT registry_classgroup_school_id_29fcbcee_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_classgroup
    ADD CONSTRAINT registry_classgroup_school_year_id_47646f85_fk_registry_ FOREIGN KEY (school_year_id) REFERENCES public.registry_schoolyear(code) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_classgroup_terms
    ADD CONSTRAINT registry_classgroup_terms_term_id_e860f0f8_fk_registry_term_id FOREIGN KEY (term_id) REFERENCES public.registry_term(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_classmembership
    ADD CONSTRAINT registry_classmember_class_group_id_ea826a3c_fk_registry_ FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_classmembership
    ADD CONSTRAINT registry_classmember_person_id_3f529bf8_fk_registry_ FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_codevalue
    ADD CONSTRAINT registry_codevalue_table_id_933363e6_fk_registry_codetable_code FOREIGN KEY (table_id) REFERENCES public.registry_codetable(code) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_course
    ADD CONSTRAINT registry_course_organisation_id_36da4791_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_duty
    ADD CONSTRAINT registry_duty_class_group_id_b1579680_fk_registry_classgroup_id FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_duty
    ADD CONSTRAINT registry_duty_organisation_id_5714d34e_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_duty
    ADD CONSTRAINT registry_duty_person_id_b31e6472_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_enrolment
    ADD CONSTRAINT registry_enrolment_person_id_334e6402_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_enrolment
    ADD CONSTRAINT registry_enrolment_school_id_712f4037_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_externalidentifier
    ADD CONSTRAINT registry_externalide_organisation_id_1c1c9b4c_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_externalidentifier
    ADD CONSTRAINT registry_externalide_person_id_f6b861d7_fk_registry_ FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_guardianship
    ADD CONSTRAINT registry_guardianshi_guardian_id_9f375110_fk_registry_ FOREIGN KEY (guardian_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_guardianship
    ADD CONSTRAINT registry_guardianshi_guardian_organisatio_368db2c2_fk_registry_ FOREIGN KEY (guardian_organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_guardianship
    ADD CONSTRAINT registry_guardianship_child_id_ac17caf2_fk_registry_person_id FOREIGN KEY (child_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_listexport
    ADD CONSTRAINT registry_listexport_class_group_id_976a0d0f_fk_registry_ FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_listexport
    ADD CONSTRAINT registry_listexport_organisation_id_803e9280_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_organisationrelation
    ADD CONSTRAINT registry_organisatio_head_id_b8f0d256_fk_registry_ FOREIGN KEY (head_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_organisationrelation
    ADD CONSTRAINT registry_organisatio_member_id_54bc856d_fk_registry_ FOREIGN KEY (member_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_organisationcount
    ADD CONSTRAINT registry_organisatio_organisation_id_8f29ca2a_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_organisationparent
    ADD CONSTRAINT registry_organisatio_organisation_id_bfe1d1c0_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_organisationparent
    ADD CONSTRAINT registry_organisatio_parent_id_87e8f9cd_fk_registry_ FOREIGN KEY (parent_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_organisation
    ADD CONSTRAINT registry_organisatio_parent_id_a77efc26_fk_registry_ FOREIGN KEY (parent_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_person
    ADD CONSTRAINT registry_person_canonical_id_6f4fa20d_fk_registry_person_id FOREIGN KEY (canonical_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_person
    ADD CONSTRAINT registry_person_organisation_id_5a72c902_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_personhistory
    ADD CONSTRAINT registry_personhistory_person_id_d3f0ec57_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_post
    ADD CONSTRAINT registry_post_organisation_id_876b25be_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_postholder
    ADD CONSTRAINT registry_postholder_person_id_0fab40dc_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_postholder
    ADD CONSTRAINT registry_postholder_post_id_23075f9b_fk_registry_post_id FOREIGN KEY (post_id) REFERENCES public.registry_post(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_pupilattribute
    ADD CONSTRAINT registry_pupilattrib_person_id_8ad18d80_fk_registry_ FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_registerentry
    ADD CONSTRAINT registry_registerent_school_id_d38f485b_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_registerentry
    ADD CONSTRAINT registry_registerentry_person_id_73532c9a_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_schooladvance
    ADD CONSTRAINT registry_schooladvan_school_id_ce4829a2_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_suspectpair
    ADD CONSTRAINT registry_suspectpair_first_id_a6a0f0b5_fk_registry_person_id FOREIGN KEY (first_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_suspectpair
    ADD CONSTRAINT registry_suspectpair_kept_id_a643f409_fk_registry_person_id FOREIGN KEY (kept_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_suspectpair
    ADD CONSTRAINT registry_suspectpair_second_id_27b1580e_fk_registry_person_id FOREIGN KEY (second_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_teachingassignment
    ADD CONSTRAINT registry_teachingass_class_group_id_b797561b_fk_registry_ FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_teachingassignment
    ADD CONSTRAINT registry_teachingass_person_id_883ae33b_fk_registry_ FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_term
    ADD CONSTRAINT registry_term_organisation_id_9bc90e05_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.registry_term
    ADD CONSTRAINT registry_term_school_year_id_e7b955b5_fk_registry_ FOREIGN KEY (school_year_id) REFERENCES public.registry_schoolyear(code) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.saml_pending
    ADD CONSTRAINT saml_pending_provider_id_88d839f1_fk_saml_provider_id FOREIGN KEY (provider_id) REFERENCES public.saml_provider(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.saml_provider
    ADD CONSTRAINT saml_provider_application_id_7f4e2761_fk_applicati FOREIGN KEY (application_id) REFERENCES public.applications_application(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_beyondtransfer
    ADD CONSTRAINT service_hall_beyondt_person_id_86958e6f_fk_registry_ FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_beyondtransfer
    ADD CONSTRAINT service_hall_beyondt_school_id_4f2e6832_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_guidenote
    ADD CONSTRAINT service_hall_guideno_organisation_id_e3e520dc_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_paper
    ADD CONSTRAINT service_hall_paper_person_id_9b643408_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_paper
    ADD CONSTRAINT service_hall_paper_school_id_d605481f_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_paperrequest
    ADD CONSTRAINT service_hall_paperre_applicant_id_0f634029_fk_registry_ FOREIGN KEY (applicant_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_paperrequest
    ADD CONSTRAINT service_hall_paperre_paper_id_c9c51ca6_fk_service_h FOREIGN KEY (paper_id) REFERENCES public.service_hall_paper(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_paperrequest
    ADD CONSTRAINT service_hall_paperre_person_id_26ec160f_fk_registry_ FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_paperrequest
    ADD CONSTRAINT service_hall_paperre_school_id_ba712420_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_paperserial
    ADD CONSTRAINT service_hall_paperse_school_id_700d232b_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_placerule
    ADD CONSTRAINT service_hall_placeru_organisation_id_23d4e484_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_seatplan
    ADD CONSTRAINT service_hall_seatpla_school_id_8139658d_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_transfer
    ADD CONSTRAINT service_hall_transfe_from_school_id_d6611d48_fk_registry_ FOREIGN KEY (from_school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_transfer
    ADD CONSTRAINT service_hall_transfe_to_school_id_fc07cd18_fk_registry_ FOREIGN KEY (to_school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.service_hall_transfer
    ADD CONSTRAINT service_hall_transfer_person_id_3f24a93f_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_classcheck
    ADD CONSTRAINT statistics_classchec_school_id_484acd71_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_classcheck
    ADD CONSTRAINT statistics_classcheck_round_id_a5398d93_fk_statistics_round_id FOREIGN KEY (round_id) REFERENCES public.statistics_round(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_conditions
    ADD CONSTRAINT statistics_condition_school_id_9cb2b6f5_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_pseudonym
    ADD CONSTRAINT statistics_pseudonym_person_id_ff205a80_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_reminder
    ADD CONSTRAINT statistics_reminder_round_id_2160a467_fk_statistics_round_id FOREIGN KEY (round_id) REFERENCES public.statistics_round(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_reminder
    ADD CONSTRAINT statistics_reminder_school_id_5ff81a0e_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_room
    ADD CONSTRAINT statistics_room_owner_id_3cab8ba3_fk_statistics_conditions_id FOREIGN KEY (owner_id) REFERENCES public.statistics_conditions(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_round
    ADD CONSTRAINT statistics_round_organisation_id_b0c57073_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_round
    ADD CONSTRAINT statistics_round_snapshot_id_1ccda502_fk_statistics_snapshot_id FOREIGN KEY (snapshot_id) REFERENCES public.statistics_snapshot(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_sheet
    ADD CONSTRAINT statistics_sheet_round_id_0ffcdb39_fk_statistics_round_id FOREIGN KEY (round_id) REFERENCES public.statistics_round(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_sheet
    ADD CONSTRAINT statistics_sheet_school_id_9eb09d3c_fk_registry_organisation_id FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_sheet
    ADD CONSTRAINT statistics_sheet_snapshot_id_47adf4c3_fk_statistics_snapshot_id FOREIGN KEY (snapshot_id) REFERENCES public.statistics_snapshot(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_snapshot
    ADD CONSTRAINT statistics_snapshot_organisation_id_2463bfb2_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_snapshotchange
    ADD CONSTRAINT statistics_snapshotc_snapshot_id_5bbbb73c_fk_statistic FOREIGN KEY (snapshot_id) REFERENCES public.statistics_snapshot(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_snapshotclass
    ADD CONSTRAINT statistics_snapshotc_snapshot_id_a430a4d9_fk_statistic FOREIGN KEY (snapshot_id) REFERENCES public.statistics_snapshot(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_snapshotpupil
    ADD CONSTRAINT statistics_snapshotp_snapshot_id_91b4ff47_fk_statistic FOREIGN KEY (snapshot_id) REFERENCES public.statistics_snapshot(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_snapshotschool
    ADD CONSTRAINT statistics_snapshots_previous_id_d9ed6029_fk_statistic FOREIGN KEY (previous_id) REFERENCES public.statistics_snapshot(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_snapshotschool
    ADD CONSTRAINT statistics_snapshots_school_id_2a3a9cd1_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_snapshotschool
    ADD CONSTRAINT statistics_snapshots_snapshot_id_36c4cdcd_fk_statistic FOREIGN KEY (snapshot_id) REFERENCES public.statistics_snapshot(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.statistics_snapshotstaff
    ADD CONSTRAINT statistics_snapshots_snapshot_id_88283ca5_fk_statistic FOREIGN KEY (snapshot_id) REFERENCES public.statistics_snapshot(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_bellperiod
    ADD CONSTRAINT timetable_bellperiod_schedule_id_1989b31f_fk_timetable FOREIGN KEY (schedule_id) REFERENCES public.timetable_bellschedule(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_bellschedule
    ADD CONSTRAINT timetable_bellschedu_school_id_73369039_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_calendarday
    ADD CONSTRAINT timetable_calendarda_organisation_id_73233a1f_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_feed
    ADD CONSTRAINT timetable_feed_class_group_id_47ae9b89_fk_registry_ FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_feed
    ADD CONSTRAINT timetable_feed_owner_id_3e8ec3b9_fk_registry_person_id FOREIGN KEY (owner_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_lesson
    ADD CONSTRAINT timetable_lesson_class_group_id_abd70d5f_fk_registry_ FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_lesson
    ADD CONSTRAINT timetable_lesson_timetable_id_76efa371_fk_timetable FOREIGN KEY (timetable_id) REFERENCES public.timetable_timetable(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_lessonchange
    ADD CONSTRAINT timetable_lessonchan_lesson_id_77586e87_fk_timetable FOREIGN KEY (lesson_id) REFERENCES public.timetable_lesson(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_lessonchange
    ADD CONSTRAINT timetable_lessonchan_original_id_2a458c55_fk_registry_ FOREIGN KEY (original_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_lessonchange
    ADD CONSTRAINT timetable_lessonchan_school_id_a5651491_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_lessonchange
    ADD CONSTRAINT timetable_lessonchan_substitute_id_3b3f461d_fk_registry_ FOREIGN KEY (substitute_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_lessonteacher
    ADD CONSTRAINT timetable_lessonteac_lesson_id_d76b4f02_fk_timetable FOREIGN KEY (lesson_id) REFERENCES public.timetable_lesson(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_lessonteacher
    ADD CONSTRAINT timetable_lessonteac_person_id_3f65397c_fk_registry_ FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_termrule
    ADD CONSTRAINT timetable_termrule_term_id_54bdaeae_fk_registry_term_id FOREIGN KEY (term_id) REFERENCES public.registry_term(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_timetable
    ADD CONSTRAINT timetable_timetable_school_id_8b560ed2_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_timetable
    ADD CONSTRAINT timetable_timetable_term_id_be1d1c65_fk_registry_term_id FOREIGN KEY (term_id) REFERENCES public.registry_term(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_timetableimport
    ADD CONSTRAINT timetable_timetablei_school_id_05d57afb_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.timetable_timetableimport
    ADD CONSTRAINT timetable_timetablei_timetable_id_20706c10_fk_timetable FOREIGN KEY (timetable_id) REFERENCES public.timetable_timetable(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.upstream_identifier
    ADD CONSTRAINT upstream_identifier_person_id_64211fa6_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.upstream_spenttoken
    ADD CONSTRAINT upstream_spenttoken_source_id_2e693a9d_fk_upstream_source_id FOREIGN KEY (source_id) REFERENCES public.upstream_source(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.upstream_unmatched
    ADD CONSTRAINT upstream_unmatched_source_id_cdc16cff_fk_upstream_source_id FOREIGN KEY (source_id) REFERENCES public.upstream_source(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.upstream_visit
    ADD CONSTRAINT upstream_visit_session_id_cce5542d_fk_identity_ssosession_id FOREIGN KEY (session_id) REFERENCES public.identity_ssosession(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.upstream_visit
    ADD CONSTRAINT upstream_visit_source_id_e77c2188_fk_upstream_source_id FOREIGN KEY (source_id) REFERENCES public.upstream_source(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_call
    ADD CONSTRAINT workflow_call_case_id_1dab1250_fk_workflow_case_id FOREIGN KEY (case_id) REFERENCES public.workflow_case(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_case
    ADD CONSTRAINT workflow_case_organisation_id_8840fb44_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_case
    ADD CONSTRAINT workflow_case_parent_id_c14f7bde_fk_workflow_case_id FOREIGN KEY (parent_id) REFERENCES public.workflow_case(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_case
    ADD CONSTRAINT workflow_case_starter_id_2a41dc53_fk_registry_person_id FOREIGN KEY (starter_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_case
    ADD CONSTRAINT workflow_case_subject_id_bba8fa83_fk_registry_person_id FOREIGN KEY (subject_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_case
    ADD CONSTRAINT workflow_case_version_id_e91ee84d_fk_workflow_ FOREIGN KEY (version_id) REFERENCES public.workflow_definitionversion(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_casearchive
    ADD CONSTRAINT workflow_casearchive_case_id_fd974662_fk_workflow_case_id FOREIGN KEY (case_id) REFERENCES public.workflow_case(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_casedata
    ADD CONSTRAINT workflow_casedata_case_id_47ac3351_fk_workflow_case_id FOREIGN KEY (case_id) REFERENCES public.workflow_case(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_casefile
    ADD CONSTRAINT workflow_casefile_case_id_436c4dae_fk_workflow_case_id FOREIGN KEY (case_id) REFERENCES public.workflow_case(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_casefile
    ADD CONSTRAINT workflow_casefile_person_id_bace5903_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_casefile
    ADD CONSTRAINT workflow_casefile_task_id_1aa065ba_fk_workflow_task_id FOREIGN KEY (task_id) REFERENCES public.workflow_task(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_caselog
    ADD CONSTRAINT workflow_caselog_case_id_529fd4f3_fk_workflow_case_id FOREIGN KEY (case_id) REFERENCES public.workflow_case(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_caselog
    ADD CONSTRAINT workflow_caselog_person_id_b35157ab_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_casepaper
    ADD CONSTRAINT workflow_casepaper_case_id_8c7a643c_fk_workflow_case_id FOREIGN KEY (case_id) REFERENCES public.workflow_case(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_caseseal
    ADD CONSTRAINT workflow_caseseal_case_id_f58d517c_fk_workflow_case_id FOREIGN KEY (case_id) REFERENCES public.workflow_case(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_caseseal
    ADD CONSTRAINT workflow_caseseal_file_id_86bf4fab_fk_workflow_casefile_id FOREIGN KEY (file_id) REFERENCES public.workflow_casefile(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_caseserial
    ADD CONSTRAINT workflow_caseserial_organisation_id_0ed2d216_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_definitionversion
    ADD CONSTRAINT workflow_definitionv_derived_from_id_dfa07f46_fk_workflow_ FOREIGN KEY (derived_from_id) REFERENCES public.workflow_definitionversion(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_definitionversion
    ADD CONSTRAINT workflow_definitionv_organisation_id_d743f7b8_fk_registry_ FOREIGN KEY (organisation_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_subscription
    ADD CONSTRAINT workflow_subscription_case_id_c2d07ba2_fk_workflow_case_id FOREIGN KEY (case_id) REFERENCES public.workflow_case(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_task
    ADD CONSTRAINT workflow_task_actor_id_3cfb5579_fk_registry_person_id FOREIGN KEY (actor_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_task
    ADD CONSTRAINT workflow_task_asked_by_id_0b019113_fk_workflow_task_id FOREIGN KEY (asked_by_id) REFERENCES public.workflow_task(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_task
    ADD CONSTRAINT workflow_task_case_id_75137550_fk_workflow_case_id FOREIGN KEY (case_id) REFERENCES public.workflow_case(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_task
    ADD CONSTRAINT workflow_task_holder_id_82489bc7_fk_registry_person_id FOREIGN KEY (holder_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.workflow_timer
    ADD CONSTRAINT workflow_timer_case_id_74fe76d4_fk_workflow_case_id FOREIGN KEY (case_id) REFERENCES public.workflow_case(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_placement
    ADD CONSTRAINT yearly_placement_school_id_d077d93c_fk_registry_organisation_id FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_placementpupil
    ADD CONSTRAINT yearly_placementpupi_placement_id_cfdf4d8d_fk_yearly_pl FOREIGN KEY (placement_id) REFERENCES public.yearly_placement(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_placementpupil
    ADD CONSTRAINT yearly_placementpupil_person_id_8a281e4d_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_plannedclass
    ADD CONSTRAINT yearly_plannedclass_class_group_id_c21b46c6_fk_registry_ FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_plannedclass
    ADD CONSTRAINT yearly_plannedclass_head_id_200c42bc_fk_registry_person_id FOREIGN KEY (head_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_plannedclass
    ADD CONSTRAINT yearly_plannedclass_plan_id_215cf64b_fk_yearly_schoolplan_id FOREIGN KEY (plan_id) REFERENCES public.yearly_schoolplan(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_pupildecision
    ADD CONSTRAINT yearly_pupildecision_class_after_id_9893b1a4_fk_registry_ FOREIGN KEY (class_after_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_pupildecision
    ADD CONSTRAINT yearly_pupildecision_class_group_id_620c12d7_fk_registry_ FOREIGN KEY (class_group_id) REFERENCES public.registry_classgroup(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_pupildecision
    ADD CONSTRAINT yearly_pupildecision_person_id_28beb86c_fk_registry_person_id FOREIGN KEY (person_id) REFERENCES public.registry_person(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_pupildecision
    ADD CONSTRAINT yearly_pupildecision_plan_id_76bb9f26_fk_yearly_schoolplan_id FOREIGN KEY (plan_id) REFERENCES public.yearly_schoolplan(id) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_rolloverrun
    ADD CONSTRAINT yearly_rolloverrun_rollover_id_9c5ef232_fk_yearly_ro FOREIGN KEY (rollover_id) REFERENCES public.yearly_rollover(to_year) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_schoolplan
    ADD CONSTRAINT yearly_schoolplan_rollover_id_438a8a7b_fk_yearly_ro FOREIGN KEY (rollover_id) REFERENCES public.yearly_rollover(to_year) DEFERRABLE INITIALLY DEFERRED;


ALTER TABLE ONLY public.yearly_schoolplan
    ADD CONSTRAINT yearly_schoolplan_school_id_d69c0343_fk_registry_ FOREIGN KEY (school_id) REFERENCES public.registry_organisation(id) DEFERRABLE INITIALLY DEFERRED;
