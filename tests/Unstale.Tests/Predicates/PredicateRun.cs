using Unstale.Horizon;
using Unstale.Log;
using Unstale.Tests.Horizon;

namespace Unstale.Tests.Predicates;

/// <summary>One database with eight values that depend on it.</summary>
internal sealed class PredicateRun
{
    private readonly Random _random;
    private readonly bool _isFull;
    private readonly ModelDatabase _database;
    private readonly HorizonUnderTest _test;
    private readonly HeldResult[] _held = new HeldResult[8];

    public PredicateRun(Random random, bool isFull)
    {
        (_random, _isFull) = (random, isFull);
        _database = new ModelDatabase(random, isFull);
        _test = new HorizonUnderTest(new HorizonSettings { RecentChanges = random.Next(3) == 0 ? 256 : random.Next(1, 3) }); // few: most loads need forgotten ones
        for (var i = 0; i < _held.Length; i++)
            _held[i] = Begin(ModelQuery.Create(random));
    }

    /// <summary>Writes until a value is stale.</summary>
    /// <returns>For each kind of query, the number of results that changed and of those that were invalidated, and the description of a stale value.</returns>
    public static (Dictionary<string, int> Really, Dictionary<string, int> Taken, string? Missed) Run(int seed, bool isFull, int writes)
    {
        var random = new Random(seed);
        Dictionary<string, int> really = new(StringComparer.Ordinal), taken = new(StringComparer.Ordinal);
        for (var done = 0; done < writes;)
        {
            var run = new PredicateRun(random, isFull);
            for (var i = random.Next(20, 60); i > 0; i--, done++)
            {
                if (run.Write(really, taken) is { } missed)
                    return (really, taken, missed);
            }
        }

        return (really, taken, null);
    }

    /// <summary>Writes once, and compares all values with the database. Returns the description of a stale value; null if there is none.</summary>
    public string? Write(Dictionary<string, int> really, Dictionary<string, int> taken)
    {
        var changes = _database.Write();
        _test.Push(_test.Log([.. changes.Select(static change => InvalidationTarget.ForRecordedRow(change.Text))]));
        for (var i = 0; i < _held.Length; i++)
        {
            var held = _held[i];
            var isChanged = held.Query.Result(_database) != held.Result;
            if (held.Delay > 0)
            {
                // The load is still running: its predicates are not held yet.
                held.Delay--;
                if (held.Delay == 0 && !TryStore(held) && !isChanged && _random.Next(4) > 0)
                    continue;
                if (held.Delay > 0)
                    continue;
            }

            var isValid = held.Entry is { } entry && _test.View.IsValid(entry);
            if (isValid && isChanged)
                return $"{held.Query.Class} with {string.Join(" and ", held.Names)} is stale after {string.Join("; ", changes)}: {held.Result} is {held.Query.Result(_database)}";
            if (held.Entry is not null && !held.WasLate)
            {
                really[held.Query.Class] = really.GetValueOrDefault(held.Query.Class) + (isChanged ? 1 : 0);
                taken[held.Query.Class] = taken.GetValueOrDefault(held.Query.Class) + (isValid ? 0 : 1);
            }

            held.WasLate = false;
            if (!isValid)
                Replace(i);
        }

        return null;
    }

    private void Replace(int i)
    {
        if (_held[i].Entry is { } entry)
            _test.Horizon.Tags.Release(entry.Tags);
        _held[i] = Begin(_random.Next(6) == 0 ? ModelQuery.Create(_random) : _held[i].Query);
    }

    private HeldResult Begin(ModelQuery query)
    {
        var held = new HeldResult(query, _test.Begin("k"), query.Result(_database), [.. query.Predicates(_database).Select(static predicate => predicate.Name).Distinct(StringComparer.Ordinal)])
        {
            Delay = _random.Next(5) == 0 ? _random.Next(1, 10) : 0,
        };
        if (held.Delay == 0)
            _ = TryStore(held);
        return held;
    }

    private bool TryStore(HeldResult held)
    {
        held.WasLate = held.Delay == 0 && held.Entry is null && held.Load.Stamp < _test.Horizon.Cursor;
        var tags = _test.Horizon.Tags.Hold(held.Names);
        if (!_test.Horizon.MayStore("k", tags, held.Load.Stamp, held.Load.Epoch))
        {
            _test.Horizon.Tags.Release(tags);
            return false;
        }

        held.Entry = new Held("k", tags, held.Load.Stamp, held.Load.Epoch, 0);
        return true;
    }
}
