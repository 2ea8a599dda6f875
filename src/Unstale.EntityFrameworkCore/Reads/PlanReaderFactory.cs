using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Creates postprocessors that read the finished SQL tree of each plan.</summary>
internal sealed class PlanReaderFactory(IQueryTranslationPostprocessorFactory inner, QueryTranslationPostprocessorDependencies dependencies) : IQueryTranslationPostprocessorFactory
{
    public QueryTranslationPostprocessor Create(QueryCompilationContext queryCompilationContext) =>
        new Reader(inner.Create(queryCompilationContext), dependencies, queryCompilationContext);

    private sealed class Reader(QueryTranslationPostprocessor inner, QueryTranslationPostprocessorDependencies dependencies, QueryCompilationContext context)
        : QueryTranslationPostprocessor(dependencies, context)
    {
        public override Expression Process(Expression query)
        {
            var finished = inner.Process(query);
            PlanRecorder.Finished(finished);
            return finished;
        }
    }
}
