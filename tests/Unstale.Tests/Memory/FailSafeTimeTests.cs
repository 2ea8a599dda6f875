using Unstale.Memory;
using Xunit;

namespace Unstale.Tests.Memory;

public sealed class FailSafeTimeTests
{
    [Fact]
    public void A_decoded_time_is_at_most_the_encoded_one_and_more_than_nine_tenths_of_it()
    {
        for (var milliseconds = 1_000L; milliseconds <= (long)TimeSpan.FromDays(45).TotalMilliseconds; milliseconds = (milliseconds * 101 / 100) + 1)
            Assert.InRange(FailSafeTime.Decode(FailSafeTime.Encode(milliseconds)), milliseconds * 9 / 10, milliseconds);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1)]
    public void No_time_is_none(long milliseconds) => Assert.Equal(0, FailSafeTime.Decode(FailSafeTime.Encode(milliseconds)));
}
