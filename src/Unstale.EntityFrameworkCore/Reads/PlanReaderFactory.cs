using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Creates postprocessors that read the finished SQL tree of each plan.</summary>
/// <param name="inner">Factory of the provider.</param>
/// <param name="dependencies">Dependencies of the postprocessors.</param>
/// <param name="provider">Database provider.</param>
/// <param name="design">Model at design time.</param>
internal sealed class PlanReaderFactory(
    IQueryTranslationPostprocessorFactory inner, QueryTranslationPostprocessorDependencies dependencies, IDatabaseProvider provider, IDesignTimeModel design)
    : IQueryTranslationPostprocessorFactory
{
    public QueryTranslationPostprocessor Create(QueryCompilationContext queryCompilationContext) =>
        new Reader(inner.Create(queryCompilationContext), dependencies, queryCompilationContext, provider.Name, design);

    private sealed class Reader(
        QueryTranslationPostprocessor inner, QueryTranslationPostprocessorDependencies dependencies, QueryCompilationContext context, string provider, IDesignTimeModel design)
        : QueryTranslationPostprocessor(dependencies, context)
    {
        public override Expression Process(Expression query)
        {
            var finished = inner.Process(query);
            if (!PlanCompiler.IsRunning)
                return finished;
            PlanCompiler.Finish(PlanReader.Read(finished, QueryCompilationContext, provider, design, out var followed), finished);
            return followed;
        }
    }
}
