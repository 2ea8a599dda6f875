using RulesSample;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Output of samples/Rules.</summary>
public sealed class RulesSampleTests
{
    [Fact]
    public async Task Each_topic_of_the_rules_sample_prints_the_documented_invalidations()
    {
        await using var output = new StringWriter { NewLine = "\n" };

        await Topics.RunAsync(output);

        Assert.Equal(
            """
            1. Basic invalidation
               user 123 was updated: took user:123:profile, users:count
               user 123 was updated, and no list shows it: took user:123:profile
               product prod456 was deleted: took product:prod456
               users were changed, nobody knows which: took users:count
               a name that no entry carries: took nothing
            2. Data relationships
               user 123 was updated: took session of 123, preferences of 123, navigation of 123, all form states
               session 123 was updated: took session of 123, navigation of 123, all form states
               the same with depth 1: took session of 123, preferences of 123
            3. Batched invalidation
               widget 7 was updated (Pending): took widget 7
               waiting: tags 2, keys 1
               entries flushed: 3
               after the flush (Applied): took form 1, form 2, widget 7
               entries flushed again: 0
            4. Cache dependencies
               pricing:123 was removed: took pricing:123, calculation:123, report:monthly
               the tag tax_rates was invalidated: took tax:eu, calculation:123, report:monthly
               the report was taken out, and was made before that: took pricing:123, calculation:123, report:monthly
               the report was made after that: took pricing:123, calculation:123
               total was made from pricing:123 and is Invalidated
            5. Pattern-based invalidation
               user 123 was updated: took user:123:session:phone
               a user whose id is a star was updated: took nothing
               the login policy was changed: took user:123:session:phone, user:1234:session:phone
               a pattern without a rule: took user:123:session:phone, user:1234:session:phone, user:anna:session:phone
            6. Conditional rules
               deleted: took the catalogue, a search
               a new price: took the price list, a search
               a new price in a draft: took the price list
               updated, and nobody says which fields: took the price list, a search
               runs of delete_only: 1
               runs of price_only: 3
               runs of public_only: 3
            7. Priority ordering
               ran: security, computed data, business logic, preferences
               user 123 was updated: took permissions, settings
               in order: security 100, one user 70, computed data 50, business logic 50
               user 456 was updated: took permissions
            8. Real-world scenarios
               order 9 was placed: took order:9:summary, stock:4, invoice:9
               a moment later: took dashboard
               user 123 has another role: took permissions:123
               user 123 wants another colour: took nothing
               post 5 of user 7 was edited: took post:5, post:5:comments, user:7:posts, tag:news:posts
               rules 4, relationships 1, dependencies 1
               runs of Immediate rules: 2
               runs of Batched rules: 1
               runs of Lazy rules: 0
               runs of Cascade rules: 1

            """,
            output.ToString(),
            ignoreLineEndingDifferences: true);
    }
}
