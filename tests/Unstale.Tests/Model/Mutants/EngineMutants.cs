using Unstale.Tests.Boundary;
using Unstale.Tests.Cluster;
using Unstale.Tests.Horizon;
using Unstale.Tests.Loading;
using Unstale.Tests.Node;
using Unstale.Tests.Partitions;
using Unstale.Tests.Transactions;

namespace Unstale.Tests.Model.Mutants;

/// <summary>Mistakes planted earlier and found by no test at that time, and others of their kinds.</summary>
internal static partial class EngineMutants
{
    private const string Horizon = "src/Unstale/Horizon/";
    private const string Index = Horizon + "InvalidationIndex.cs";
    private const string Selectors = Horizon + "SelectorList.cs";
    private const string Log = Horizon + "LogFollower.cs";
    private const string Appends = Horizon + "OutgoingAppends.cs";
    private const string Loads = Horizon + "LoadChecks.cs";
    private const string Cell = Horizon + "TagCell.cs";
    private const string NodeFolder = "src/Unstale/Node/";
    private const string Remote = "src/Unstale/Loading/RemoteLevel.cs";
    private const string Gate = "src/Unstale/Loading/LoadLimiter.cs";
    private const string Ledger = "src/Unstale/Transactions/ScopeLedger.cs";
    private const string Partitioned = "src/Unstale/Node/LogPartitions.cs";
    private const string Writer = "src/Unstale/WriteThrough/CacheWriter.cs";

    public static IReadOnlyList<EngineMutant> All { get; } = [.. Pending(), .. Verified(), .. Shared(), .. Late(), .. Seen(), .. Answers(), .. States(), .. Taken(), .. Reads(), .. Places(), .. Scopes(), .. Edges(), .. Partitions(), .. Rows()];

    private static IEnumerable<EngineMutant> Pending() =>
    [
        EngineMutant.Found<ConcurrentPendingTests>("one of several pending invalidations of a key is forgotten with another",
            t => t.No_value_is_stored_until_the_last_of_three_invalidations_is_acknowledged("key"),
            new Patch(Horizon + "PendingKeys.cs", "if (--count == 0)", "--count;")),
        EngineMutant.Found<ConcurrentPendingTests>("one of several pending invalidations of a tag is forgotten with another",
            t => t.No_value_is_stored_until_the_last_of_three_invalidations_is_acknowledged("tag"),
            new Patch(Cell, "_pending += change;", "_pending = Math.Max(0, change);")),
        EngineMutant.Found<ConcurrentPendingTests>("the cell of a tag goes with the first of its pending invalidations",
            t => t.No_value_is_stored_until_the_last_of_three_invalidations_is_acknowledged("tag"),
            new Patch(Horizon + "TagTable.cs", "if (cell.Holders++ == 0", "if ((cell.Holders = 1) == 0")),
        EngineMutant.Found<ConcurrentPendingTests>("a new cell of a key knows of one pending invalidation where there are several",
            t => t.No_value_is_stored_if_its_tags_are_first_held_during_three_pending_invalidations("the key that the value was made from"),
            new Patch(Horizon + "KeyCells.cs", "cell.AddPending(pending);", "cell.AddPending(1);")),
        EngineMutant.Found<ConcurrentPendingTests>("a pattern that is pending several times is one",
            t => t.No_value_is_stored_until_the_last_of_three_invalidations_is_acknowledged("glob"),
            new Patch(Selectors, "=> Add(target, SelectorRecord.Pending);", "{ var other = target; return Array.Find(view.Selectors, b => b.IsPending && b.Target == other) ?? Add(target, SelectorRecord.Pending); }")),
        EngineMutant.Found<ConcurrentPendingTests>("one of several pending everythings ends them all",
            t => t.No_value_is_stored_until_the_last_of_three_invalidations_is_acknowledged("everything"),
            new Patch(Index, "_everythingPending--;", "_everythingPending = 0;")),
        EngineMutant.Found<ConcurrentPendingTests>("a record that comes with a tail ends what is pending",
            t => t.No_value_is_stored_if_a_tail_brings_two_of_three_pending_records_before_their_acknowledgement("tag"),
            new Patch(Cell, "        Sequence = to;\n        Publish();", "        Sequence = to;\n        _pending = Math.Min(_pending, 1);\n        Publish();")),
    ];

    private static IEnumerable<EngineMutant> Late() =>
    [
        EngineMutant.Found<LateInvalidationTests>("a late hard mark lowers the hard sequence of a cell",
            t => t.A_late_hard_record_does_not_spare_an_entry_that_a_later_hard_record_invalidated(),
            new Patch(Cell, "_soft.Hard = Math.Max(_soft.Hard, to);", "_soft.Hard = to;")),
        EngineMutant.Found<LateInvalidationTests>("a late mark lowers a cell",
            t => t.A_late_record_of_a_tag_does_not_make_an_invalidated_entry_valid_again(),
            new Patch(Cell, "if (to <= Sequence)\n            return;", string.Empty)),
        EngineMutant.Found<LateInvalidationTests>("a late mark lowers the cell of a key",
            t => t.A_late_record_of_a_key_does_not_revive_values_derived_from_the_key(),
            new Patch(Cell, "if (to <= Sequence)\n            return;", string.Empty)),
        EngineMutant.Found<LateInvalidationTests>("a late mark lowers a stripe",
            t => t.A_late_record_of_a_key_or_an_unheld_tag_still_refuses_older_values(),
            new Patch(Horizon + "PagedSequences.cs", "place = Math.Max(place, sequence);", "place = sequence;")),
        EngineMutant.Found<LateInvalidationTests>("a late everything lowers the floor",
            t => t.A_late_record_of_everything_makes_no_entry_valid_and_still_refuses_older_remote_values(),
            new Patch(Index, "_floor = Math.Max(_floor, sequence);\n                _everything =", "_floor = sequence;\n                _everything =")),
        EngineMutant.Found<LateInvalidationTests>("a late everything lowers what values of the second level are compared with",
            t => t.A_late_record_of_everything_makes_no_entry_valid_and_still_refuses_older_remote_values(),
            new Patch(Index, "_everything = Math.Max(_everything, sequence);", "_everything = sequence;")),
        EngineMutant.Found<LateInvalidationTests>("a late pattern lowers the sequence below which patterns are unknown",
            t => t.A_late_dropped_pattern_does_not_lower_the_sequence_below_which_patterns_are_unknown(),
            new Patch(Selectors, "Volatile.Write(ref view.DroppedSelectorSequence, Math.Max(view.DroppedSelectorSequence, selector.Effective));", "Volatile.Write(ref view.DroppedSelectorSequence, selector.Effective);")),
        EngineMutant.Found<LateInvalidationTests>("a pattern that is dropped late lowers the number below which patterns are unknown",
            t => t.A_pending_pattern_dropped_late_does_not_hide_a_pattern_dropped_earlier(),
            new Patch(Selectors, "view.DroppedSelectorNumber = Math.Max(view.DroppedSelectorNumber, selector.Number);", "view.DroppedSelectorNumber = selector.Number;")),
    ];

    private static IEnumerable<EngineMutant> Seen() =>
    [
        EngineMutant.Found<HighestSequenceTests>("what was seen is not raised ahead of the cursor",
            t => t.An_own_record_acknowledged_ahead_of_the_cursor_raises_the_highest_sequence(),
            new Patch(Log, "_seen = Math.Max(_seen, reply.Sequence);", string.Empty)),
        EngineMutant.Found<HighestSequenceTests>("what was seen is lowered by an answer that comes late",
            t => t.Acknowledgements_in_reverse_order_keep_the_highest_sequence(),
            new Patch(Log, "_seen = Math.Max(_seen, reply.Sequence);", "_seen = reply.Sequence;"), new Patch(Log, "            _seen = Math.Max(_seen, sequence);\n            return false;", "            return false;")),
        EngineMutant.Found<HighestSequenceTests>("an answer of the second level does not raise what was seen",
            t => t.An_answer_of_the_second_level_raises_the_highest_sequence(),
            new Patch(Log, "            _seen = Math.Max(_seen, sequence);\n            return false;", "            return false;")),
        EngineMutant.Found<HighestSequenceTests>("a superseded write does not raise what was seen",
            t => t.A_superseded_write_raises_the_highest_sequence_to_the_newest_record_of_its_reply(),
            new Patch(Log, "WentBack(reply.Newest, seen)", "WentBack(reply.Sequence, seen)")),
        EngineMutant.Found<HighestSequenceTests>("adopting a generation does not set what was seen",
            t => t.The_adoption_of_a_generation_sets_the_highest_sequence(),
            new Patch(Log, "_cursor = _seen = sequence;", "_cursor = sequence;")),
        EngineMutant.Found<HighestSequenceTests>("a part of the log that is gone does not raise what was seen",
            t => t.A_missed_and_trimmed_part_of_the_log_raises_the_highest_sequence(),
            new Patch(Log, "        _lastId = lastId;\n        _seen = Math.Max(_seen, sequence);", "        _lastId = lastId;")),
        EngineMutant.Found<HighestSequenceTests>("what was seen of another generation is held against this one",
            t => t.Sequences_of_the_previous_generation_do_not_count_in_the_next(),
            new Patch(Log, "_cursor = _seen = sequence;", "_cursor = sequence;")),
    ];

    private static IEnumerable<EngineMutant> Answers() =>
    [
        EngineMutant.Found<LostConnectionTests>("the append answer of a lost connection is taken",
            t => t.An_append_is_repeated_if_its_reply_arrives_over_a_lost_connection(),
            new Patch(NodeFolder + "AppendQueue.cs", "if (connection != _connection.Number)", "if (false)")),
        EngineMutant.Found<LostConnectionTests>("the answer to a set over a lost connection is taken",
            t => t.A_set_is_repeated_without_its_value_if_its_reply_arrives_over_a_lost_connection(),
            new Patch(Writer, "if (connection == node.Connection)", "if (true)")),
        EngineMutant.Found<LostConnectionTests>("the tail answer of a lost connection is taken",
            t => t.A_tail_confirms_nothing_if_its_reply_arrives_over_a_lost_connection(),
            new Patch(NodeFolder + "TailLoop.cs", "if (sentOver == connection.Number)", "if (true)")),
        EngineMutant.Found<PausedReadTests>("there is no second look at trust before the last serve of a spared entry",
            t => t.An_entry_that_may_be_served_once_more_is_served_only_if_the_node_is_trusted_at_the_last_look(60),
            new Patch("src/Unstale/UnstaleCache.cs", "!part.Entries.RemoveInvalidated(entry, now, mayServe) || !part.View.IsTrusted(_clock.Now)", "!part.Entries.RemoveInvalidated(entry, now, mayServe)")),
        EngineMutant.Found<PausedReadTests>("trust is not looked at before what was set is kept",
            t => t.A_set_whose_answer_came_before_the_pause_is_kept_only_if_the_node_is_trusted_after_it(60),
            new Patch(Writer, "horizon.View.IsTrusted(context.Clock.Now) && mayStore(", "mayStore(")),
    ];

    private static IEnumerable<EngineMutant> States() =>
    [
        EngineMutant.Found<ServingStateTests>("a hit reads trust after the marks",
            t => t.A_read_during_which_the_node_catches_up_is_not_served_from_before_it(),
            new Patch(View, "now <= trustedUntil;", "now <= TrustedUntil;")),
        EngineMutant.Found<ServingStateTests>("a look-up reads trust after the marks",
            t => t.A_read_during_which_the_node_catches_up_is_not_served_from_before_it(),
            new Patch(View, "return StateOf(isValid: true, trustedUntil, freshUntil", "return StateOf(isValid: true, TrustedUntil, freshUntil")),
        EngineMutant.Found<ServingStateTests>("a hit serves what is no longer fresh",
            t => t.An_entry_is_a_hit_in_the_live_state_and_in_no_other_state(),
            new Patch(View, "now < freshUntil && now <=", "now <=")),
        EngineMutant.Found<ServingStateTests>("the state of an entry does not depend on trust",
            t => t.An_entry_is_a_hit_in_the_live_state_and_in_no_other_state(),
            new Patch(View, "if (now > trustedUntil)", "if (false)")),
        EngineMutant.Found<RecentSnapshotTests>("a chunk of recent records is overwritten while a snapshot refers to it",
            t => t.A_snapshot_holds_the_newest_records_as_of_its_moment_whatever_is_noted_later(64),
            new Patch(Horizon + "RecentRecords.cs", "if (chunk.Number <= _sharedThrough)", "if (false)")),
    ];

    private static IEnumerable<EngineMutant> Taken() =>
    [
        EngineMutant.Found<RemoteValidityTests>("a value that lacks a tag of the call is kept as of the answer",
            t => t.A_value_that_lacks_a_tag_is_stored_as_of_the_local_position_and_not_of_the_answer(),
            new Patch(Loads, "stamp = Math.Max(answer.Stamp, Math.Min(stamp, log.Cursor));", "{ }")),
        EngineMutant.Found<ReplayTests>("a node is trusted before its records are appended again",
            t => t.Own_records_go_into_a_new_generation_before_the_node_is_trusted_in_it(),
            new Patch(Appends, "_blocked.Add(operation);", string.Empty)),
        EngineMutant.Found<RemoteValidityTests>("a suspected value is taken without asking the log",
            t => t.A_suspected_value_is_valid_once_a_tail_begun_after_the_reply_is_confirmed(),
            new Patch(Loads, "log.CaughtUpWith > answer.Tails ? RemoteValidity.Valid : RemoteValidity.NeedsConfirmation", "RemoteValidity.Valid")),
        EngineMutant.Found<RemoteValidityTests>("a tail that was sent before the answer came counts for it",
            t => t.A_suspected_value_is_valid_once_a_tail_begun_after_the_reply_is_confirmed(),
            new Patch(Loads, "CaughtUpWith > answer.Tails", "CaughtUpWith >= answer.Tails")),
        EngineMutant.Found<PlainReadValidityTests>("trust is not looked at once a value of the second level has come",
            t => t.A_remote_value_that_arrives_after_the_loss_of_trust_is_refused(),
            new Patch(Loads, "view.IsTrusted(now) && MayStore(", "load.Trusted && MayStore(")),
        EngineMutant.Found<PlainReadValidityTests>("a value of before the adopted cursor counts as known",
            t => t.A_remote_value_older_than_the_adopted_cursor_is_refused(),
            new Patch(Index, "_adopted = _floor = _everything = sequence;", "_adopted = _everything = sequence;\n        _floor = 0;"), new Patch(Selectors, "view.DroppedSelectorSequence = sequence;", "view.DroppedSelectorSequence = 0;"),
            new Patch(Index, "_stripes.ResetTo(sequence);", "_stripes.ResetTo(0);"), new Patch(Index, "Tags.ResetTo(sequence);", "Tags.ResetTo(0);")),
        EngineMutant.Found<PlainReadValidityTests>("a value of the second level is kept as of more than is known here",
            t => t.A_remote_value_is_stored_as_of_the_cursor_and_never_as_of_a_later_record(),
            new Patch(Loads, "stamp = Math.Max(from, log.Cursor);", "stamp = Math.Max(from, log.Seen);")),
        EngineMutant.Found<PlainReadValidityTests>("a value of the second level is kept as of its own stamp although the cursor is above it",
            t => t.A_remote_value_is_stored_as_of_the_cursor_and_never_as_of_a_later_record(),
            new Patch(Loads, "stamp = Math.Max(from, log.Cursor);", "stamp = from;")),
        EngineMutant.Found<PlainReadValidityTests>("a value of after all that was seen is taken",
            t => t.A_remote_value_newer_than_the_highest_seen_sequence_is_refused(),
            new Patch(Loads, "from <= log.Seen && value.Stamp", "value.Stamp")),
        EngineMutant.Found<PlainReadValidityTests>("a value that only the server may judge is taken",
            t => t.A_remote_value_that_only_the_server_can_validate_is_refused(),
            new Patch(Loads, "value.Stamp <= value.Confirmed && view", "view")),
        EngineMutant.Found<PlainReadValidityTests>("what is pending is not held against a value of the second level",
            t => t.All_validity_checks_agree_in_every_state("pending key"),
            new Patch(Index, "!_pendingKeys.Contains(key) && _stripes", "_stripes")),
        EngineMutant.Found<PlainReadValidityTests>("a pattern that is not kept any more is not held against a value of the second level",
            t => t.All_validity_checks_agree_in_every_state("dropped pattern"),
            new Patch(View, "Volatile.Read(ref DroppedSelectorSequence) > stamp && DroppedSelectorNumber > seen", "false")),
        EngineMutant.Found<PlainReadValidityTests>("marks of keys are not compared with what a value was made from",
            t => t.All_validity_checks_agree_in_every_state("key that the value was made from"),
            new Patch(View, "if (Volatile.Read(ref cell.Effective) > stamp)", "if (Volatile.Read(ref cell.Effective) > stamp && !Unstale.Values.DependencyTag.Is(cell.Tag))")),
        EngineMutant.Found<PlainReadValidityTests>("an epoch that has ended is not held against a value of the second level",
            t => t.A_value_requested_in_another_epoch_is_refused(),
            new Patch(Loads, "epoch == view.Epoch && log", "log")),
        EngineMutant.Found<PlainReadValidityTests>("the server's word counts for names that the value does not carry",
            t => t.A_confirmation_of_the_server_counts_only_for_tags_of_the_value(),
            new Patch(Loads, "value.CarriesAll(tags.Names) ? value.Confirmed : value.Stamp", "value.Confirmed")),
    ];

    private static IEnumerable<EngineMutant> Reads() =>
    [
        EngineMutant.Found<PlainReadTests>("a value that was read plainly is judged by its own tags alone",
            t => t.A_confirmation_of_the_server_does_not_cover_a_tag_that_the_value_lacks(),
            new Patch(Remote, "var names = LoadCoordinator.UnionOf(load.Tags.Tags, hit.Tags);", "var names = hit.Tags.ToArray();")),
        EngineMutant.Found<PlainReadTests>("a value is judged by the time at which it was snapshot for",
            t => t.A_remote_value_that_arrives_after_the_loss_of_trust_is_not_served(),
            new Patch(Remote, "As(hit), load.Ticket, context.Clock.Now, out var stamp", "As(hit), load.Ticket, load.Ticket.BeganAt, out var stamp"),
            new Patch(Remote, "horizon.ValidateRemote(load.Key, tags, answer, load.Ticket, context.Clock.Now, out var stamp)", "horizon.ValidateRemote(load.Key, tags, answer, load.Ticket, load.Ticket.BeganAt, out var stamp)")),
        EngineMutant.Found<PlainReadTests>("a probe takes the lease",
            t => t.A_probe_acquires_no_lease_and_calls_the_script_only_for_stored_values(),
            new Patch(Remote, "!takesLease ? RemoteRequestKind.Value : looks", "looks")),
        EngineMutant.Found<PlainReadTests>("a probe asks the server about what is not there",
            t => t.A_probe_acquires_no_lease_and_calls_the_script_only_for_stored_values(),
            new Patch(Remote, "return takesLease || isUsable", "return true")),
        EngineMutant.Found<PlainReadTests>("a miss asks for the lease alone",
            t => t.A_value_that_is_loaded_between_the_plain_read_and_the_request_for_the_lease_is_not_loaded_again(),
            new Patch(Remote, "looks ? RemoteRequestKind.ValueOrLease : RemoteRequestKind.Lease", "RemoteRequestKind.Lease")),
        EngineMutant.Found<PlainReadTests>("the server is not told which value is not wanted",
            t => t.A_value_of_another_type_is_replaced_by_one_request(),
            new Patch(Remote, "takesLease, isUsable ? null : stored)", "takesLease, null)")),
        EngineMutant.Found<PlainReadTests>("every read asks the server",
            t => t.A_value_of_another_node_is_read_without_a_script(),
            new Patch(Remote, "if (isUsable && MayStoreWithoutServer(load, stored!))", "if (isUsable && false)")),
    ];

    private static IEnumerable<EngineMutant> Places() =>
    [
        EngineMutant.Found<LoadLimiterSlotTests>("the load gate loses a place when a cancelled waiter is handed it",
            t => t.A_load_whose_wait_was_cancelled_keeps_no_slot(),
            new Patch(Gate, "if (next.Value.TrySetResult(true))\n                    return;", "next.Value.TrySetResult(true);\n                return;")),
        EngineMutant.Found<LoadLimiterSlotTests>("the load gate loses a place when a waiter is handed it that needs none any more",
            t => t.A_load_that_no_longer_needs_a_slot_keeps_none(),
            new Patch(Gate, "if (next.Value.TrySetResult(true))\n                    return;", "next.Value.TrySetResult(true);\n                return;")),
        EngineMutant.Found<LoadLimiterSlotTests>("the load gate makes a place free though it was handed on",
            t => t.A_released_slot_is_given_to_the_first_waiter_that_is_not_cancelled(),
            new Patch(Gate, "if (next.Value.TrySetResult(true))\n                    return;", "if (next.Value.TrySetResult(true))\n                    break;")),
    ];

    private static IEnumerable<EngineMutant> Edges() =>
    [
        EngineMutant.Found<CounterOverflowTests>("the numbers of patterns run over",
            t => t.Patterns_before_and_after_a_counter_overflow_invalidate_matching_entries(1),
            new Patch(Selectors, "if (view.SelectorCount == int.MaxValue)", "if (false)")),
        EngineMutant.Found<CounterOverflowTests>("entries live on when the numbers of patterns begin anew",
            t => t.Entries_from_before_a_counter_overflow_are_invalid_and_later_entries_are_valid(),
            new Patch(Selectors, "view.EndEpoch();", string.Empty)),
        EngineMutant.Found<CounterOverflowTests>("patterns that are kept are forgotten when the numbers begin anew",
            t => t.Patterns_kept_over_a_counter_overflow_still_refuse_older_values(),
            new Patch(Selectors, "kept.Number = ++number;", "kept.Number = -1;")),
        EngineMutant.Found<CounterOverflowTests>("patterns that were dropped are forgotten when the numbers begin anew",
            t => t.Dropped_patterns_at_a_counter_overflow_invalidate_older_entries(),
            new Patch(Selectors, "view.DroppedSelectorNumber = 1;", "view.DroppedSelectorNumber = 0;"), new Patch(Selectors, "view.DroppedSelectorNumber = Math.Max(view.DroppedSelectorNumber, selector.Number);", string.Empty)),
    ];

    private static IEnumerable<EngineMutant> Scopes() =>
    [
        EngineMutant.Found<ScopeCommitReadTests>("a scope releases what it holds back before it raises",
            t => t.Targets_of_a_completed_scope_are_held_until_all_of_them_are_invalidated(),
            new Patch(Ledger, "return ScopeCommit.Begin(items, outcomes);\n        }\n        finally\n        {\n            Release();", "Release();\n            return ScopeCommit.Begin(items, outcomes);\n        }\n        finally\n        {")),
        EngineMutant.Found<ScopeCommitReadTests>("a scope around releases what was handed to it before it raises",
            t => t.Targets_handed_to_an_outer_scope_are_held_until_all_of_them_are_invalidated(),
            new Patch(Ledger, "return ScopeCommit.Begin(items, outcomes);\n        }\n        finally\n        {\n            Release();", "Release();\n            return ScopeCommit.Begin(items, outcomes);\n        }\n        finally\n        {")),
        EngineMutant.Found<ScopeCommitReadTests>("what a ledger has taken is not held from reads any more",
            t => t.Targets_of_a_committed_transaction_are_held_until_all_of_them_are_invalidated(),
            new Patch(Ledger, "return _uncommitted.TryGetValue(log, out var held) && held", "return _state == ScopeState.Open && _uncommitted.TryGetValue(log, out var held) && held")),
    ];

    private static IEnumerable<EngineMutant> Partitions() =>
    [
        EngineMutant.Found<FiringClockTests>("a timer runs inside a reading of the clock, where the reader removes an entry",
            t => t.A_sweep_during_a_clock_read_does_not_remove_the_entry_that_the_reader_is_removing(2),
            new Patch("src/Unstale/Boundary/GuardedTimer.cs", "if (GuardedTime.IsReading)", "if (false)")),
        EngineMutant.Found<FiringClockTests>("a timer runs inside a reading of the clock, where the reader stores a value",
            t => t.An_invalidation_during_a_clock_read_is_not_overtaken_by_the_value_that_the_reader_is_storing(0),
            new Patch("src/Unstale/Boundary/GuardedTimer.cs", "if (GuardedTime.IsReading)", "if (false)")),
        EngineMutant.Found<CrossPartitionReadTests>("a load takes entries of other partitions",
            t => t.A_load_does_not_use_an_entry_of_another_partition_that_lags_behind("read"),
            new Patch("src/Unstale/Loading/AmbientLoad.cs", "context.Horizon != reader.Horizon) &&", "context.Horizon == reader.Horizon) &&")),
        EngineMutant.Found<CrossPartitionReadTests>("a load looks at entries of other partitions without reading them",
            t => t.A_load_does_not_use_an_entry_of_another_partition_that_lags_behind("try"),
            new Patch("src/Unstale/Loading/AmbientLoad.cs", "        if (IsOfAnotherPartition(reader))\n            return false;\n", string.Empty)),
        EngineMutant.Found<PartitionScheduleTests>("random schedules find a load that takes entries of other partitions",
            t => t.No_read_is_older_than_the_invalidations_of_its_node_and_every_read_is_current_after_the_last_push(2026),
            new Patch("src/Unstale/Loading/AmbientLoad.cs", "context.Horizon != reader.Horizon) &&", "context.Horizon == reader.Horizon) &&")),
        EngineMutant.Found<CrossPartitionReadTests>("only the innermost load counts",
            t => t.A_load_nested_two_levels_deep_belongs_to_the_partition_of_the_outermost_load(),
            new Patch("src/Unstale/Loading/AmbientLoad.cs", "for (var load = Current; load is not null; load = load.Parent)\n        {\n            var context", "for (var load = Current; load is not null; load = null)\n        {\n            var context")),
        EngineMutant.Found<PartitionTests>("a tag reaches the first partition alone",
            t => t.A_key_is_one_record_and_a_tag_one_in_each_partition_under_one_receipt(),
            new Patch(Partitioned, "KeyPartition.Concerns(partitions[target], i)", "Math.Max(0, partitions[target]) == i")),
        EngineMutant.Found<PartitionTests>("a tag named by itself reaches the first partition alone",
            t => t.An_invalidation_on_one_node_reaches_the_entries_of_every_partition_on_every_node("tag"),
            new Patch(Partitioned, "if (IsPartitioned && target.Kind != TargetKind.Key)", "if (false)"),
            new Patch(Partitioned, "var node = NodeOf(target.Text);", "var node = _nodes[0];")),
        EngineMutant.Found<PartitionOutageTests>("a receipt is applied once one partition has the record",
            t => t.A_tag_is_in_force_locally_and_in_the_reachable_partitions_while_one_partition_is_unavailable(),
            new Patch("src/Unstale/InvalidationReceipt.cs", "operation.IsApplied && operation.Earlier.All(static o => o.IsApplied)", "operation.IsApplied || operation.Earlier.Any(static o => o.IsApplied)")),
        EngineMutant.Found<PartitionOutageTests>("positions of other partitions than the first are taken for reached",
            t => t.Positions_of_a_session_are_waited_for_in_each_partition(),
            new Patch(Partitioned, "Array.IndexOf(found, PositionStatus.NotYet) >= 0", "found[0] == PositionStatus.NotYet")),
        EngineMutant.Found<PartitionOutageTests>("only the nodes of one partition are waited for",
            t => t.WaitForAllNodes_waits_for_every_partition_of_the_invalidation_and_for_no_other(),
            new Patch(Partitioned, "operations.GroupBy(NodeOf).Select(parts => parts.Key.WaitForAllNodesAsync", "operations.GroupBy(NodeOf).Take(1).Select(parts => parts.Key.WaitForAllNodesAsync")),
    ];
}
