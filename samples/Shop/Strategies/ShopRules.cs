using Unstale.Rules;

namespace Shop.Strategies;

/// <summary>Rules for entries that a write of the shop outdates, in one place. Entries with the tag of the written row need no rule.</summary>
internal static class ShopRules
{
    /// <summary>Returns the tags of a key beside those of its data.</summary>
    public static string[] TagsOf(string key) => key.StartsWith(ProductionStrategy.Keys, StringComparison.Ordinal) ? [ProductionStrategy.AllProducts] : [];

    public static void Declare(RuleSetBuilder rules)
    {
        rules.When("category").Named("list of a category").InvalidateKeys("products:category:{id}").Priority(70).Strategy(InvalidationStrategy.Cascade)
            .Describe("PUT /categories/{id}: the list of the category, and all that is made from it");
        rules.When(ProductionStrategy.Resource).Named("production").Priority(80)
            .InvalidateKeys("product:production:{id}").Invalidate("category:{category}", ProductionStrategy.AllProducts)
            .Describe("PUT /products/production/{id}: the product, all of its category, and all products of this strategy");
    }
}
