using Unstale.Dependencies;
using Unstale.Log;
using Unstale.Rules;
using Unstale.Tests.Dependencies;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Rules;

public sealed class RuleModelTests
{
    [Fact]
    public void Rules_and_a_naive_model_invalidate_the_same_targets_in_every_history() => Property.HoldsFor(RuleHistory.Any, Run, runs: 1000);

    [Fact]
    public void The_dependency_graph_and_a_naive_model_find_the_same_dependents_in_every_history() => Property.HoldsFor(GraphHistory.Any, RunGraph, runs: 1000);

    private static void Run(RuleHistory[] steps)
    {
        var (rules, naive) = (new InvalidationRules(TimeProvider.System), new NaiveRules());
        foreach (var step in steps)
        {
            switch (step)
            {
                case RuleAdded { Rule: var rule } when naive.Add(rule):
                    rules.Add(rule);
                    break;
                case RuleAdded { Rule: var rule }:
                    Assert.Throws<ArgumentException>(() => rules.Add(rule));
                    break;
                case RuleRemoved { Name: var name }:
                    Assert.Equal(naive.Remove(name), rules.Remove(name));
                    break;
                case Related { Relationship: var relationship }:
                    Assert.Equal(naive.Add(relationship), rules.AddRelationship(relationship));
                    break;
                case Unrelated { Number: var number } when number < rules.Relationships.Count:
                    var gone = rules.Relationships[number];
                    Assert.Equal(naive.Remove(gone), rules.RemoveRelationship(gone));
                    break;
                case Changed { Change: var change }:
                    Compare(naive.Expand(change), rules.Current.Evaluate(change));
                    break;
                default:
                    break;
            }
        }
    }

    private static void Compare((List<string> Ran, HashSet<string> Taken) expected, RuleEvaluation actual)
    {
        Assert.Equal(expected.Ran, actual.Runs.Select(run => run.Rule.Rule.Name));
        var taken = actual.Invalidation.Items.ToArray().Select(item => $"{item.Cause!.Rule} {HowTaken(item.Timing)} {NameOf(item.Target)}").ToList();
        Assert.Equal(expected.Taken.Order(), taken.Order());
    }

    private static string HowTaken(InvalidationTiming timing) => timing switch
    {
        InvalidationTiming.Batched => "batched",
        InvalidationTiming.Lazy => "lazily",
        InvalidationTiming.ServeStaleOnce => "once",
        _ => "at once",
    };

    private static string NameOf(InvalidationTarget target) => target.Kind == TargetKind.Everything ? "*" : target.Text;

    private static void RunGraph(GraphHistory[] steps)
    {
        var (graph, naive) = (new DependencyGraph(), new NaiveGraph());
        foreach (var step in steps)
        {
            switch (step)
            {
                case Depends { Key: var key, On: var on }:
                    graph.Add(key, on);
                    naive.Add(key, on);
                    break;
                case DependsNoMore { Key: var key, On: var on }:
                    Assert.Equal(naive.Remove(key, on), graph.Remove(key, on));
                    break;
                case Kept { Key: var key, Tags: var tags }:
                    graph.Observe(key, tags);
                    naive.Kept(key, tags);
                    break;
                case Taken { Targets: var targets }:
                    var found = graph.Expand(Array.ConvertAll(targets, static target => new InvalidationItem(target)));
                    Assert.Equal(naive.Expand(targets).Order(), Enumerable.Range(0, found.Count).Select(i => found[i].Key).Order());
                    break;
                case Loaded { Key: var key }:
                    Assert.Equal(naive.NamesOf(key).Order(StringComparer.Ordinal), graph.NamesOf(key).Order(StringComparer.Ordinal));
                    break;
                default:
                    break;
            }
        }

        foreach (var key in GraphHistory.Keys)
            graph.Remove(key, []);
        Assert.Equal((0, 0, true), (graph.Count, graph.Names, graph.IsEmpty));
    }
}
