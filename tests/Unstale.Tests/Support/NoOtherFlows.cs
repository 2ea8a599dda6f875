using Xunit;

namespace Unstale.Tests.Support;

/// <summary>
/// Tests that run while no other test does. While any transaction of the process holds something back, a read inside a completed
/// transaction scope goes to the source, because nobody can tell which transaction that scope belongs to.
/// </summary>
[CollectionDefinition(nameof(NoOtherFlows), DisableParallelization = true)]
public sealed class NoOtherFlows;
