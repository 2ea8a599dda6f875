using Xunit.Sdk;
using Xunit.v3;

namespace Unstale.Tests.Support;

/// <summary>Starts the longest collections first, so that none of them runs alone at the end. The others follow in a random order.</summary>
/// <param name="longest">Test classes and definitions of collections, in the order of their start.</param>
public abstract class LongestFirst(params IReadOnlyList<Type> longest) : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. DefaultTestCollectionOrderer.Instance.OrderTestCollections(testCollections).OrderBy(collection => Place(collection.TestCollectionDisplayName))];

    /// <summary>A collection without a definition has the name of its class.</summary>
    private int Place(string name)
    {
        for (var place = 0; place < longest.Count; place++)
        {
            if (name.Contains($" {longest[place].FullName} ", StringComparison.Ordinal))
                return place;
        }

        return longest.Count;
    }
}
