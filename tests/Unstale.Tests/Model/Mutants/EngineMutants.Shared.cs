using Unstale.Tests.Horizon;
using Unstale.Tests.Loading;

namespace Unstale.Tests.Model.Mutants;

/// <content>Mistakes in what entries and waiting callers share.</content>
internal static partial class EngineMutants
{
    private const string View = Horizon + "HorizonView.cs";
    private const string Loader = "src/Unstale/Loading/LoadCoordinator.cs";
    private const string SharedWait = "src/Unstale/Loading/SharedWait.cs";

    private static IEnumerable<EngineMutant> Verified() =>
    [
        EngineMutant.Found<RevisionTests>("the revision is raised before a record is marked",
            t => t.A_check_between_two_targets_of_one_record_does_not_hide_the_second_target(),
            new Patch(Index, "        Tags.AnyRecord.Raise(sequence, IsSoft(record.Flags));", "        RaiseRevision(targets);\n        Tags.AnyRecord.Raise(sequence, IsSoft(record.Flags));"),
            new Patch(Index, "Apply(sequence, targets[i], record.Flags, own, i);\n        RaiseRevision(targets);", "Apply(sequence, targets[i], record.Flags, own, i);")),
        EngineMutant.Found<RevisionTests>("the revision is raised before the targets of an operation are pending",
            t => t.A_check_between_two_targets_that_become_pending_does_not_hide_the_second_target(),
            new Patch(Index, "        _pending.Add(operation);", "        _pending.Add(operation);\n        RaiseRevision(operation.Record.Targets);"),
            new Patch(Index, "            }\n        }\n\n        RaiseRevision(targets);", "            }\n        }\n")),
        EngineMutant.Found<RevisionTests>("pending marks do not raise the revision",
            t => t.A_verified_entry_is_invalid_once_an_invalidation_that_concerns_the_entry_is_pending("tag"),
            new Patch(Index, "            }\n        }\n\n        RaiseRevision(targets);", "            }\n        }\n")),
        EngineMutant.Found<RevisionTests>("the revision is read after the marks",
            t => t.A_record_applied_during_a_check_is_not_hidden_by_the_check(),
            new Patch(View, "Volatile.Write(ref entry.VerifiedAt, revision);", "Volatile.Write(ref entry.VerifiedAt, Volatile.Read(ref Revision));")),
        EngineMutant.Found<RevisionTests>("the end of an epoch does not raise the revision",
            t => t.A_verified_entry_is_invalid_once_its_epoch_has_ended(),
            new Patch(View, "readers read the epoch last\n        RaiseRevision();", "readers read the epoch last")),
        EngineMutant.Found<RevisionTests>("records of keys never raise the revision",
            t => t.A_verified_entry_is_invalid_once_a_record_that_concerns_the_entry_is_applied("key read"),
            new Patch(Index, "var raises = Tags.HasHeldMarks;", "var raises = false;")),
        EngineMutant.Found<RevisionTests>("records of keys raise the revision only while a mark of a key is held",
            t => t.A_removed_entry_is_invalid_for_its_readers_after_a_later_record("\0source"),
            new Patch(Index, "var raises = Tags.HasHeldMarks;", "var raises = Tags.Keys.Count > 0;")),
        EngineMutant.Found<ReadTests>("a record of a local log does not raise the revision",
            t => t.A_value_is_loaded_once_and_again_after_its_tag_is_invalidated(),
            new Patch(Index, "        RaiseRevision(new ReadOnlySpan<InvalidationTarget>(in target));\n", string.Empty)),
        EngineMutant.Found<RevisionTests>("an invalid entry is remembered as verified",
            t => t.An_invalid_entry_is_not_remembered_as_verified(),
            new Patch(View, "if (!IsUnmarked(entry))\n            return false;\n        Volatile.Write(ref entry.VerifiedAt, revision);\n        return true;", "Volatile.Write(ref entry.VerifiedAt, revision);\n        return IsUnmarked(entry);")),
    ];

    private static IEnumerable<EngineMutant> Shared() =>
    [
        EngineMutant.Found<SharedWaitTests>("callers on both sides of a mark share a wait",
            t => t.Callers_on_both_sides_of_an_invalidation_do_not_share(),
            new Patch("src/Unstale/Loading/LoadOfT.cs", "Joined.Count == 0 || Joined[^1].Tick != tick", "Joined.Count == 0")),
        EngineMutant.Found<SharedWaitTests>("callers with other tags share a wait",
            t => t.A_load_that_starts_again_carries_the_tags_of_every_caller(),
            new Patch(SharedWait, "requested == life && named.SequenceEqual(tags)", "requested == life")),
        EngineMutant.Found<SharedWaitTests>("a caller that can be cancelled shares a wait",
            t => t.A_cancelled_caller_ends_its_wait_without_affecting_the_other_callers(),
            new Patch(Loader, "!withOutcome && !isLimited && life", "!withOutcome && life")),
        EngineMutant.Found<SharedWaitTests>("a caller with a limit shares a wait",
            t => t.A_caller_with_a_limit_of_its_own_waits_no_longer(),
            new Patch(Loader, "life.WaitTimeout == 0 && parent is null)", "parent is null)"),
            new Patch(SharedWait, "requested == life && named", "named")),
        EngineMutant.Found<SharedWaitTests>("a factory shares a wait",
            t => t.A_factory_that_waits_depends_on_the_value(),
            new Patch(Loader, "life.WaitTimeout == 0 && parent is null)", "life.WaitTimeout == 0)")),
        EngineMutant.Found<SharedWaitTests>("callers share a value that may not be shared",
            t => t.Values_that_may_not_be_shared_are_copied_for_each_caller(),
            new Patch(Loader, "ValueCodec<T>.Shared && !withOutcome", "!withOutcome")),
        EngineMutant.Found<SharedWaitTests>("a caller that requests the source of the value shares a wait",
            t => t.Callers_that_wait_without_limits_get_the_value_and_count_as_joined(),
            new Patch(Loader, "Shared && !withOutcome && ", "Shared && ")),
        EngineMutant.Found<SharedWaitTests>("the end of a load runs a caller of a shared wait",
            t => t.A_caller_that_blocks_after_its_wait_does_not_delay_the_end_of_the_load(),
            new Patch(SharedWait, "new(TaskCreationOptions.RunContinuationsAsynchronously)", "new()")),
        EngineMutant.Found<SharedWaitTests>("a failed load leaves the callers of a shared wait waiting",
            t => t.An_exception_of_the_load_reaches_every_caller(),
            new Patch("src/Unstale/Loading/LoadWaiters.cs", "_shared?.Fail(exception);", "{ }")),
        EngineMutant.Found<SharedWaitTests>("the cancellation of the caller that runs the load cancels the callers of a shared wait",
            t => t.All_start_again_together_when_the_caller_that_runs_the_load_is_cancelled(),
            new Patch(SharedWait, "canceled && load.Loader.IsOfAnother", "canceled && canceled is null && load.Loader.IsOfAnother")),
        EngineMutant.Found<SharedWaitTests>("the limit of a load fails the callers of a shared wait although memory holds a value",
            t => t.The_callers_of_a_load_that_exceeds_its_limit_get_the_value_in_memory(),
            new Patch(SharedWait, "exception is LoadTimeoutException && load", "exception is null && load")),
        EngineMutant.Found<SharedWaitTests>("a caller of a shared wait continues in its synchronization context",
            t => t.A_caller_whose_synchronization_context_is_busy_gets_the_value(),
            new Patch(SharedWait, "SynchronizationContext.Current is null && ", string.Empty)),
        EngineMutant.Found<SharedWaitTests>("a caller of a shared wait continues in its scheduler",
            t => t.A_caller_whose_scheduler_is_busy_gets_the_value(),
            new Patch(SharedWait, " && TaskScheduler.Current == TaskScheduler.Default", string.Empty)),
        EngineMutant.Found<SharedWaitTests>("the cancellation of a load ends the waits before the limit that cancelled it",
            t => t.The_limit_of_a_load_ends_the_waits_of_all_callers_although_it_cancels_the_load(),
            new Patch("src/Unstale/Loading/LoadCoordinator.End.cs", "        if (load.IsAbandoned)\n            return;", "        if (load is null)\n            return;"),
            new Patch("src/Unstale/Loading/LoadCoordinator.Limits.cs", "        RecordFailed(load.Parent, load);\n        foreach", "        Thread.Sleep(200);\n        foreach")),
        EngineMutant.Found<Unstale.Tests.Distributed.DistributedCacheTests>("a renewal stores the value as it was read",
            t => t.A_renewal_of_a_value_that_was_replaced_before_it_began_stores_nothing(),
            new Patch("src/Unstale/UnstaleCache.Writes.cs", "out T held) && ReferenceEquals(held, renewed.Value))\n            return new(held);", "out T held) || held is null)\n            return new(renewed.Value);")),
        EngineMutant.Found<Unstale.Tests.Distributed.DistributedCacheTests>("a renewal that stores nothing removes what is stored",
            t => t.A_renewal_of_a_value_that_was_replaced_before_it_began_stores_nothing(),
            new Patch("src/Unstale/UnstaleCache.Writes.cs", "context.LeavesStored = true;", "context.LeavesStored = false;")),
        EngineMutant.Found<Unstale.Tests.Distributed.DistributedCacheTests>("a renewal reads the second level, which holds the value with the old lifetime",
            t => t.Reads_renew_a_sliding_expiration_on_both_levels(),
            new Patch("src/Unstale/UnstaleCache.Writes.cs", "Flags = HybridCacheEntryFlags.DisableDistributedCacheRead }", "Flags = HybridCacheEntryFlags.None }")),
    ];
}
