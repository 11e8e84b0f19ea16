"""Goals' tables.

A goal's rules, phases and parts (docs/adr/0030) stand in the goal's own row: they are read with it always, written with
it only, and every further table under row-level security would cost each read another check of the caller's claims.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from chassis.feed.columns import Xid8, add_feed_columns

metadata = sa.MetaData(schema="goals")

goals = sa.Table(
    "goals",
    metadata,
    sa.Column("goal_id", sa.Uuid, primary_key=True),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("pattern", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("start_date", sa.Date, nullable=False),
    sa.Column("deadline", sa.Date),
    sa.Column("completed_on", sa.Date),
    # Arrays of versions and phases in the order in which they were made; `repository.documents` says their form.
    sa.Column("rules", JSONB, nullable=False),
    sa.Column("phases", JSONB, nullable=False),
    # What the member made of it, in the member's order; the steps of milestone goals among them.
    sa.Column("milestones", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("habits", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("subgoals", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("reminders", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("plan", JSONB),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    # What it is called in the file that it came from (docs/adr/0049); nothing for what was made here.
    sa.Column("import_key", sa.Text),
    # The key of activities' reference, so that no activity can stand on somebody else's goal.
    sa.UniqueConstraint("goal_id", "member_id", name="goals_owner_key"),
    sa.CheckConstraint("char_length(title) BETWEEN 1 AND 200", name="goals_title_check"),
    sa.CheckConstraint("char_length(description) <= 10000", name="goals_description_check"),
    sa.CheckConstraint("char_length(category) <= 50", name="goals_category_check"),
    sa.CheckConstraint(
        "pattern IN ('recurring', 'milestone', 'target', 'streak', 'limit')", name="goals_pattern_check"
    ),
    sa.CheckConstraint("status IN ('active', 'paused', 'completed', 'archived')", name="goals_status_check"),
    sa.CheckConstraint("start_date BETWEEN '1900-01-01' AND '2200-12-31'", name="goals_start_date_check"),
    sa.CheckConstraint("deadline BETWEEN start_date AND '2200-12-31'", name="goals_deadline_check"),
    sa.CheckConstraint("status <> 'completed' OR completed_on IS NOT NULL", name="goals_completed_on_check"),
    sa.CheckConstraint("jsonb_typeof(rules) = 'array' AND rules <> '[]'", name="goals_rules_check"),
    sa.CheckConstraint("jsonb_typeof(phases) = 'array' AND phases <> '[]'", name="goals_phases_check"),
    sa.CheckConstraint("jsonb_typeof(milestones) = 'array'", name="goals_milestones_check"),
    sa.CheckConstraint("jsonb_typeof(habits) = 'array'", name="goals_habits_check"),
    sa.CheckConstraint("jsonb_typeof(subgoals) = 'array'", name="goals_subgoals_check"),
    sa.CheckConstraint("jsonb_typeof(reminders) = 'array'", name="goals_reminders_check"),
    sa.CheckConstraint("jsonb_typeof(plan) = 'object'", name="goals_plan_check"),
    sa.CheckConstraint("revision > 0", name="goals_revision_check"),
    sa.CheckConstraint("char_length(import_key) BETWEEN 1 AND 120", name="goals_import_key_check"),
    sa.Index("goals_member_idx", "member_id", "created_at", "goal_id"),
    sa.Index(
        "goals_import_key", "member_id", "import_key", unique=True, postgresql_where=sa.text("import_key IS NOT NULL")
    ),
)

activities = sa.Table(
    "activities",
    metadata,
    sa.Column("activity_id", sa.Uuid, primary_key=True),
    sa.Column("goal_id", sa.Uuid, nullable=False),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("local_date", sa.Date, nullable=False),
    sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
    sa.Column("completed", sa.Boolean),
    sa.Column("value", sa.Double),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("mood", sa.SmallInteger),
    sa.Column("context", JSONB),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    # Day and meaning in one number, as `domain.entries` folds it; nothing for what means nothing to units, as a
    # check-in of a habit on a goal that is not kept by check-ins (type `habit`, docs/adr/0117).
    sa.Column(
        "code",
        sa.Integer,
        sa.Computed(
            """((local_date - '0001-01-01'::date + 1) * 8)
            + CASE type WHEN 'check_in' THEN completed::integer WHEN 'progress' THEN 2 WHEN 'skip' THEN 3 END""",
            persisted=True,
        ),
    ),
    # Parts of the goal, by the ids in its row.
    sa.Column("milestone_id", sa.Uuid),
    sa.Column("habit_id", sa.Uuid),
    # As of goals, within its goal.
    sa.Column("import_key", sa.Text),
    sa.ForeignKeyConstraint(
        ["goal_id", "member_id"], [goals.c.goal_id, goals.c.member_id], name="activities_goal_fkey"
    ),
    sa.CheckConstraint(
        "type IN ('check_in', 'progress', 'milestone', 'skip', 'note', 'habit')", name="activities_type_check"
    ),
    sa.CheckConstraint("(type IN ('check_in', 'habit')) = (completed IS NOT NULL)", name="activities_completed_check"),
    sa.CheckConstraint("(type = 'progress') = (value IS NOT NULL)", name="activities_progress_check"),
    sa.CheckConstraint("(type = 'milestone') = (milestone_id IS NOT NULL)", name="activities_milestone_check"),
    sa.CheckConstraint("habit_id IS NULL OR type IN ('check_in', 'habit')", name="activities_habit_check"),
    # PostgreSQL sorts NaN above all numbers, so the bounds refuse it as well.
    sa.CheckConstraint("value BETWEEN -1e12 AND 1e12", name="activities_value_check"),
    sa.CheckConstraint("mood BETWEEN 1 AND 5", name="activities_mood_check"),
    sa.CheckConstraint("local_date BETWEEN '1900-01-01' AND '2200-12-31'", name="activities_local_date_check"),
    sa.CheckConstraint("char_length(note) <= 10000", name="activities_note_check"),
    sa.CheckConstraint("char_length(import_key) BETWEEN 1 AND 120", name="activities_import_key_check"),
    # In the order of lists; what figures are derived from is included, so that deriving reads the index alone.
    sa.Index(
        "activities_goal_idx",
        "goal_id",
        "local_date",
        "occurred_at",
        "activity_id",
        postgresql_include=["member_id", "code", "value", "mood", "milestone_id"],
    ),
    sa.Index("activities_member_idx", "member_id", "local_date", "occurred_at", "activity_id"),
    # A milestone is done once.
    sa.Index(
        "activities_milestone_key",
        "goal_id",
        "milestone_id",
        unique=True,
        postgresql_where=sa.text("milestone_id IS NOT NULL"),
    ),
    sa.Index(
        "activities_import_key",
        "goal_id",
        "import_key",
        unique=True,
        postgresql_where=sa.text("import_key IS NOT NULL"),
    ),
)

# What entries of long ago come to, for lists (docs/adr/0111); never the truth, and deleting rows changes no answer.
folds = sa.Table(
    "folds",
    metadata,
    sa.Column("goal_id", sa.Uuid, primary_key=True),
    sa.Column("member_id", sa.Uuid, nullable=False),
    # Of the content, as `repository.folds` packs it.
    sa.Column("form", sa.SmallInteger, nullable=False),
    # The last day that is folded; NULL where an old entry was changed since, by this transaction.
    sa.Column("until", sa.Date),
    sa.Column("content", sa.LargeBinary),
    sa.Column("dropped_by", Xid8, nullable=False, server_default=sa.text("'0'::xid8")),
    sa.ForeignKeyConstraint(["goal_id", "member_id"], [goals.c.goal_id, goals.c.member_id], name="folds_goal_fkey"),
    sa.CheckConstraint("(until IS NULL) = (content IS NULL)", name="folds_until_check"),
)

# Versions of activities that were corrected or removed, so that a read can ask what was known at an instant.
activity_history = sa.Table(
    "activity_history",
    metadata,
    sa.Column("activity_id", sa.Uuid, primary_key=True),
    # Known from when, and until when; the later version begins where this one ends.
    sa.Column("valid_from", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
    sa.Column("goal_id", sa.Uuid, nullable=False),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("local_date", sa.Date, nullable=False),
    sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
    sa.Column("completed", sa.Boolean),
    sa.Column("value", sa.Double),
    sa.Column("milestone_id", sa.Uuid),
    sa.Column("habit_id", sa.Uuid),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("mood", sa.SmallInteger),
    sa.Column("context", JSONB),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("code", sa.Integer),
    sa.ForeignKeyConstraint(
        ["goal_id", "member_id"], [goals.c.goal_id, goals.c.member_id], name="activity_history_goal_fkey"
    ),
    sa.CheckConstraint("valid_from < valid_to", name="activity_history_valid_check"),
    sa.CheckConstraint("value BETWEEN -1e12 AND 1e12", name="activity_history_value_check"),
    sa.Index("activity_history_goal_idx", "goal_id", "valid_from"),
)

# Removed ones stay, with when: what was known at an instant includes them.
vacations = sa.Table(
    "vacations",
    metadata,
    sa.Column("vacation_id", sa.Uuid, primary_key=True),
    # NULL: of all goals of the member.
    sa.Column("goal_id", sa.Uuid),
    sa.Column("member_id", sa.Uuid, nullable=False),
    # Whose days they are, the goal's or the member's (docs/adr/0036).
    sa.Column("holder_id", sa.Uuid, sa.Computed("COALESCE(goal_id, member_id)", persisted=True), nullable=False),
    sa.Column("from_date", sa.Date, nullable=False),
    sa.Column("to_date", sa.Date, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("removed_at", sa.DateTime(timezone=True)),
    sa.ForeignKeyConstraint(["goal_id", "member_id"], [goals.c.goal_id, goals.c.member_id], name="vacations_goal_fkey"),
    sa.CheckConstraint("from_date BETWEEN '1900-01-01' AND '2200-12-31'", name="vacations_from_date_check"),
    sa.CheckConstraint("to_date BETWEEN from_date AND '2200-12-31'", name="vacations_to_date_check"),
    sa.CheckConstraint("to_date - from_date <= 366", name="vacations_length_check"),
    sa.CheckConstraint("char_length(reason) <= 500", name="vacations_reason_check"),
    # The only index that leads to vacations of others than the id, so that loads are served by it (docs/adr/0036).
    sa.Index("vacations_holder_idx", "holder_id", "from_date", "vacation_id"),
)

suggestions = sa.Table(
    "suggestions",
    metadata,
    sa.Column("suggestion_id", sa.Uuid, primary_key=True),
    sa.Column("goal_id", sa.Uuid, nullable=False),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    # An array of operations in order; `repository.suggestions` says their form.
    sa.Column("operations", JSONB, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True)),
    sa.ForeignKeyConstraint(
        ["goal_id", "member_id"], [goals.c.goal_id, goals.c.member_id], name="suggestions_goal_fkey"
    ),
    sa.CheckConstraint("source IN ('anthropic', 'gemini', 'offline', 'mentor')", name="suggestions_source_check"),
    sa.CheckConstraint("char_length(summary) <= 2000", name="suggestions_summary_check"),
    sa.CheckConstraint(
        "jsonb_typeof(operations) = 'array' AND operations <> '[]'", name="suggestions_operations_check"
    ),
    sa.CheckConstraint("status IN ('open', 'accepted', 'dismissed')", name="suggestions_status_check"),
    sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="suggestions_decided_check"),
    sa.Index("suggestions_goal_idx", "goal_id", "created_at", "suggestion_id"),
)

# Goals that wait for a plan because coach was away when they were made (docs/adr/0039).
plan_requests = sa.Table(
    "plan_requests",
    metadata,
    sa.Column("goal_id", sa.Uuid, primary_key=True),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("minutes_per_week", sa.Integer, nullable=False),
    sa.Column("deadline", sa.Date),
    sa.Column("attempts", sa.SmallInteger, nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    # Written in one statement with the goal, which the quota may refuse: then that is what is told.
    sa.ForeignKeyConstraint(
        ["goal_id", "member_id"],
        [goals.c.goal_id, goals.c.member_id],
        name="plan_requests_goal_fkey",
        deferrable=True,
        initially="DEFERRED",
    ),
    sa.Index("plan_requests_due_at_idx", "due_at"),
    sa.Index("plan_requests_member_idx", "member_id"),
)

member_calendars = sa.Table(
    "member_calendars",
    metadata,
    sa.Column("member_id", sa.Uuid, primary_key=True),
    sa.Column("timezone", sa.Text, nullable=False),
    sa.Column("day_start_hour", sa.SmallInteger, nullable=False),
    sa.Column("week_start", sa.SmallInteger, nullable=False),
    # The member's version that it was taken from; 0 when it was asked for instead of told.
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("day_start_hour BETWEEN 0 AND 12", name="member_calendars_day_start_hour_check"),
    sa.CheckConstraint("week_start BETWEEN 1 AND 7", name="member_calendars_week_start_check"),
)

# Challenges that members took on; what a challenge is stands in `domain/challenges.toml` (docs/adr/0056).
challenge_runs = sa.Table(
    "challenge_runs",
    metadata,
    sa.Column("run_id", sa.Uuid, primary_key=True),
    sa.Column("challenge_id", sa.Text, nullable=False),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("goal_id", sa.Uuid),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    # The end of a local day, as the member's days were cut at the start.
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("completed_at", sa.DateTime(timezone=True)),
    # The key of submissions' reference.
    sa.UniqueConstraint("run_id", "member_id", name="challenge_runs_owner_key"),
    sa.ForeignKeyConstraint(
        ["goal_id", "member_id"], [goals.c.goal_id, goals.c.member_id], name="challenge_runs_goal_fkey"
    ),
    sa.CheckConstraint("char_length(challenge_id) BETWEEN 1 AND 50", name="challenge_runs_challenge_id_check"),
    sa.CheckConstraint("started_at < expires_at", name="challenge_runs_expires_at_check"),
    sa.CheckConstraint("completed_at < expires_at", name="challenge_runs_completed_at_check"),
    sa.Index("challenge_runs_member_idx", "member_id", "challenge_id", "started_at", "run_id"),
)

# What became of a run; one submission completes it.
challenge_submissions = sa.Table(
    "challenge_submissions",
    metadata,
    sa.Column("submission_id", sa.Uuid, primary_key=True),
    sa.Column("run_id", sa.Uuid, nullable=False),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("comfort_before", sa.SmallInteger, nullable=False),
    sa.Column("comfort_after", sa.SmallInteger, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("witnessed_by", sa.Uuid),
    sa.Column("goal_id", sa.Uuid),
    # The entry with which it was logged on the goal; the member may have taken it back since.
    sa.Column("activity_id", sa.Uuid),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("run_id", name="challenge_submissions_run_key"),
    sa.ForeignKeyConstraint(
        ["run_id", "member_id"],
        [challenge_runs.c.run_id, challenge_runs.c.member_id],
        name="challenge_submissions_run_fkey",
    ),
    sa.ForeignKeyConstraint(
        ["goal_id", "member_id"], [goals.c.goal_id, goals.c.member_id], name="challenge_submissions_goal_fkey"
    ),
    sa.CheckConstraint("comfort_before BETWEEN 0 AND 100", name="challenge_submissions_comfort_before_check"),
    sa.CheckConstraint("comfort_after BETWEEN 0 AND 100", name="challenge_submissions_comfort_after_check"),
    sa.CheckConstraint("char_length(note) <= 10000", name="challenge_submissions_note_check"),
    sa.CheckConstraint("(goal_id IS NULL) = (activity_id IS NULL)", name="challenge_submissions_activity_check"),
    sa.Index("challenge_submissions_member_idx", "member_id"),
)

# Units that closed, as the warehouse is told of them (docs/adr/0123).
due_units = sa.Table(
    "due_units",
    metadata,
    sa.Column("unit_id", sa.Uuid, primary_key=True),
    sa.Column("goal_id", sa.Uuid, nullable=False),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("first_date", sa.Date, nullable=False),
    sa.Column("last_date", sa.Date, nullable=False),
    # Among those of the same days: several milestones are due on one.
    sa.Column("number", sa.SmallInteger, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    # Of the version of the goal's rules that it stands under.
    sa.Column("effective_from", sa.Date, nullable=False),
    sa.ForeignKeyConstraint(["goal_id", "member_id"], [goals.c.goal_id, goals.c.member_id], name="due_units_goal_fkey"),
    sa.UniqueConstraint("goal_id", "last_date", "first_date", "number", name="due_units_place_key"),
    sa.CheckConstraint("first_date <= last_date", name="due_units_days_check"),
    sa.CheckConstraint(
        "outcome IN ('done', 'partial', 'missed', 'excused', 'pending')", name="due_units_outcome_check"
    ),
    sa.Index("due_units_member_idx", "member_id"),
)

# When a goal's units are looked at next; one that is not there is looked at when something changes.
due_unit_watches = sa.Table(
    "due_unit_watches",
    metadata,
    sa.Column("goal_id", sa.Uuid, primary_key=True),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["goal_id", "member_id"], [goals.c.goal_id, goals.c.member_id], name="due_unit_watches_goal_fkey"
    ),
    sa.Index("due_unit_watches_due_at_idx", "due_at"),
    sa.Index("due_unit_watches_member_idx", "member_id"),
)

# One row: transactions up to here were looked through for goals that changed.
due_unit_cursor = sa.Table(
    "due_unit_cursor",
    metadata,
    sa.Column("is_only_row", sa.Boolean, primary_key=True, server_default=sa.text("true")),
    sa.Column("txid", Xid8, nullable=False, server_default=sa.text("'0'")),
    sa.CheckConstraint("is_only_row", name="due_unit_cursor_is_only_row_check"),
)

# What analytics follows; `repository.feed` says which columns.
for _followed in (goals, activities, vacations, suggestions, member_calendars, due_units):
    add_feed_columns(_followed)
