using Unstale.Node;
using Xunit;

namespace Unstale.Tests.Node;

public sealed class GenerationHistoryTests
{
    private readonly GenerationHistory _history = new();

    [Fact]
    public void A_node_remembers_the_64_generations_it_left_last()
    {
        Generation[] followed = [.. Enumerable.Range(1, 66).Select(i => Generation.Create((ulong)i))];
        foreach (var generation in followed)
            _history.NoteTail(generation, wasTrusted: true, 0);
        Assert.Equal([false, .. Enumerable.Repeat(true, 64), false], followed.Select(_history.HasLeft));
    }

    [Fact]
    public void FollowedSince_is_the_first_tail_of_the_generation_and_TrustedSince_the_first_after_a_loss_of_trust()
    {
        var generation = Generation.Create();
        _history.NoteTail(generation, wasTrusted: false, 10);
        _history.NoteTail(generation, wasTrusted: true, 20);
        Assert.Equal((10, 10), (_history.FollowedSince, _history.TrustedSince));
        _history.NoteTail(generation, wasTrusted: false, 30);
        Assert.Equal((10, 30), (_history.FollowedSince, _history.TrustedSince));
        _history.NoteTail(Generation.None, wasTrusted: true, 40);
        Assert.Equal((10, 30), (_history.FollowedSince, _history.TrustedSince));
        _history.NoteTail(Generation.Create(), wasTrusted: true, 50);
        Assert.Equal((50, 50), (_history.FollowedSince, _history.TrustedSince));
        Assert.True(_history.HasLeft(generation));
    }
}
