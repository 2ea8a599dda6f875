using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Conformance;

/// <summary>
/// The public contract of HybridCache, behaviour by behaviour, of this library and of Microsoft's implementation. A change of either changes the
/// expected outcome here.
/// </summary>
public sealed class ConformanceTests
{
    public static MatrixTheoryData<string, Implementation> Cases => new(Behaviours.All.Select(static behaviour => behaviour.Name), Enum.GetValues<Implementation>());

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Each_behaviour_has_the_expected_outcome(string behaviour, Implementation implementation)
    {
        var one = Behaviours.All.Single(one => one.Name == behaviour);
        await using var trial = new Trial(implementation);
        Assert.Equal(one.Expected(implementation), await Eventually.Ends("the behaviour ends", one.ObserveAsync(trial)));
    }

    [Fact]
    public void Each_difference_differs_and_has_one_sentence_as_its_reason() =>
        Assert.All(Behaviours.All.Where(static behaviour => behaviour.Reason is not null), static behaviour =>
        {
            Assert.NotEqual(behaviour.Expected(Implementation.AddHybridCache), behaviour.Expected(Implementation.AddUnstale));
            Assert.Matches("^[A-Z][^|]*[^.|]\\.$", behaviour.Reason);
        });
}
